//! The filter language: one grammar with two spellings, mitmproxy's and `field:value`, read into one tree.
//!
//! [`Filter::evaluate`] answers over [`Facts`] with a [`Truth`]: true, false, or unknown while facts are missing. An answer
//! that is certain does not change as facts come. `docs/FILTERS.md` is the language's reference.

mod complete;
mod direct;
mod error;
mod evaluate;
mod explain;
mod field;
mod known_facts;
mod matching;
mod names;
mod nearest;
mod needs;
mod offer;
mod parse;
mod parts;
mod program;
mod quote;
mod required;
mod tree;
mod truth;

use std::fmt;

pub use complete::{Place, Source};
pub use direct::{DirectFilter, Progress};
pub use error::FilterError;
pub use evaluate::graphql_operation;
pub use explain::{Clause, Explanation, explain};
pub use field::{FIELDS, Field, FieldName, Kind, Of, Since};
pub use known_facts::{Client, Facts, Marks, MessageContent, Moment, SoFar};
pub use matching::fold::{Needle, fold};
pub use names::{Flag, Names, SLOW_US, failures};
pub use nearest::{nearest, nearest_in_refusal};
pub use offer::Offer;
pub use parse::{Context, LONGEST};
pub use parts::Parts;
pub use tree::{Node, Range, Span, Term, Test, Text};
pub use truth::Truth;

use program::Step;

/// A filter, ready to run. The default matches every exchange.
#[derive(Debug, Clone)]
pub struct Filter {
    tree: Node,
    needs: Parts,
    program: Step,
}

impl Filter {
    /// Reads a filter. An empty one matches every exchange.
    ///
    /// # Errors
    /// When `text` is no filter: the error says where and why.
    pub fn parse(text: &str, context: &Context<'_>) -> Result<Self, FilterError> {
        let tree = parse::parse(text, context)?;
        Self::of(tree).map_err(|why| FilterError {
            text: text.to_owned(),
            column: 1,
            message: format!("this is no regular expression: {why}"),
            expected: String::new(),
            suggestion: None,
        })
    }

    /// A filter of a tree.
    ///
    /// # Errors
    /// When a regular expression in it is none.
    pub fn of(tree: Node) -> Result<Self, String> {
        Ok(Self { needs: tree.needs(), program: Step::compile(&tree)?, tree })
    }

    /// Its tree.
    #[must_use]
    pub fn tree(&self) -> &Node {
        &self.tree
    }

    /// The parts with which every answer is certain.
    #[must_use]
    pub fn needs(&self) -> Parts {
        self.needs
    }

    /// Returns whether it matches every exchange, whatever is known of it.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.tree == Node::All
    }

    /// The answer over the facts that are known.
    #[must_use]
    pub fn evaluate(&self, facts: &Facts<'_>) -> Truth {
        self.program.evaluate(facts)
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self { tree: Node::All, needs: Parts::NONE, program: Step::Always }
    }
}

/// In the spelling `field:value`.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tree.fmt(f)
    }
}
