//! A tree, ready to run: expressions compiled, cheap conditions first.

use crate::evaluate::Condition;
use crate::known_facts::Facts;
use crate::tree::Node;
use crate::truth::Truth;

/// A node, ready to run.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Always,
    All(Box<[Self]>),
    Any(Box<[Self]>),
    Not(Box<Self>),
    Condition(Box<Condition>),
}

impl Step {
    /// Compiles `node`.
    ///
    /// # Errors
    /// When an expression can't be compiled.
    pub(crate) fn compile(node: &Node) -> Result<Self, String> {
        let each = |nodes: &[Node]| {
            let mut steps = nodes.iter().map(Self::compile).collect::<Result<Vec<_>, _>>()?;
            steps.sort_by_key(Self::cost);
            Ok::<_, String>(steps.into_boxed_slice())
        };
        Ok(match node {
            Node::All => Self::Always,
            Node::And(nodes) => Self::All(each(nodes)?),
            Node::Or(nodes) => Self::Any(each(nodes)?),
            Node::Not(node) => Self::Not(Box::new(Self::compile(node)?)),
            Node::Term(term) => Self::Condition(Box::new(Condition::compile(term)?)),
        })
    }

    /// The answer over `facts`.
    pub(crate) fn evaluate(&self, facts: &Facts<'_>) -> Truth {
        match self {
            Self::Always => Truth::True,
            Self::Condition(condition) => condition.evaluate(facts),
            Self::Not(step) => !step.evaluate(facts),
            Self::All(steps) => first(steps, facts, Truth::False),
            Self::Any(steps) => first(steps, facts, Truth::True),
        }
    }

    fn cost(&self) -> u32 {
        match self {
            Self::Always => 0,
            Self::Condition(condition) => condition.cost(),
            Self::Not(step) => step.cost(),
            Self::All(steps) | Self::Any(steps) => steps.iter().map(Self::cost).sum(),
        }
    }
}

/// `decisive`, if it is the answer of one of `steps`; else unknown, if that is one's; else the opposite.
fn first(steps: &[Step], facts: &Facts<'_>, decisive: Truth) -> Truth {
    let mut answer = !decisive;
    for step in steps {
        match step.evaluate(facts) {
            found if found == decisive => return decisive,
            Truth::Unknown => answer = Truth::Unknown,
            _ => {}
        }
    }
    answer
}
