//! Which rule an exchange meets, and why.

use dashcam_exchange::Level;
use dashcam_filter::{Facts, Filter, Node, Parts, Truth};

use crate::compiled::{CompiledRule, Stage};
use crate::{DEFAULT_RULE, Policy};

/// The moment at which an answer about an exchange is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// By its connection and destination, before anything of it is read.
    Connection,
    /// When the request's head is there.
    Request,
    /// When the response's head is there.
    Response,
    /// When it has ended.
    End,
}

/// A rule's answer about an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The rule's name.
    pub rule: String,
    /// Its level, as the budget has it.
    pub level: Level,
    /// The answer to whether it matches.
    pub answer: Truth,
    /// The moment from which on that is certain; `None` if it is not.
    pub moment: Option<When>,
    /// The reason for the answer.
    pub why: String,
    /// The moment at which this rule decides, if it is the one that does. Rules before it may keep it waiting.
    pub decides: Option<When>,
}

impl When {
    const ALL: [Self; 4] = [Self::Connection, Self::Request, Self::Response, Self::End];

    /// "connection", "request", "response" or "end".
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Request => "request",
            Self::Response => "response",
            Self::End => "end",
        }
    }

    /// The facts of `facts` that are known by then.
    fn limit<'a>(self, facts: &Facts<'a>) -> Facts<'a> {
        let parts = match self {
            Self::Connection => Parts::CONNECTION | Parts::PROGRAM,
            Self::Request => Parts::CONNECTION | Parts::PROGRAM | Parts::REQUEST | Parts::REQUEST_HEAD,
            Self::Response => Parts::CONNECTION
                .and(Parts::PROGRAM)
                .and(Parts::REQUEST)
                .and(Parts::REQUEST_HEAD)
                .and(Parts::RESPONSE)
                .and(Parts::RESPONSE_HEAD),
            Self::End => return *facts,
        };
        let known = facts.known.without(facts.known.without(parts));
        let mut limited = Facts {
            known,
            client: facts.client,
            program: facts.program,
            connection: facts.connection,
            destination: facts.destination,
            ..Facts::default()
        };
        if self >= Self::Request {
            limited.started_at = facts.started_at;
            (limited.method, limited.target, limited.request) = (facts.method, facts.target, facts.request);
        }
        if self >= Self::Response {
            (limited.status, limited.content_type) = (facts.status, facts.content_type);
            (limited.response, limited.response_start_us) = (facts.response, facts.response_start_us);
            limited.upstream = facts.upstream;
        }
        limited
    }
}

impl Policy {
    /// Explains what each rule says about an exchange of which `facts` are known, leases first, and which one decides. Of a
    /// recorded exchange all facts are; of a described one some. No sample is asked, and nothing is counted.
    #[must_use]
    pub fn explain(&self, facts: &Facts<'_>) -> Vec<Explained> {
        let Some(rules) = self.rules() else {
            let (answer, moment) = (Truth::True, Some(When::Connection));
            let (rule, why) = (DEFAULT_RULE.to_owned(), "there are no rules".to_owned());
            return vec![Explained {
                rule,
                level: self.settings().level,
                answer,
                moment,
                why,
                decides: moment,
            }];
        };
        let facts = Facts { level: None, ..*facts };
        let mut explained: Vec<Explained> = rules.list.iter().map(|rule| one(rule, &facts)).collect();
        let mut waits = Some(When::Connection);
        for one in &mut explained {
            waits = waits.zip(one.moment).map(|(before, own)| before.max(own));
            if one.answer != Truth::False {
                one.decides = waits.filter(|_| one.answer.is_true());
                break;
            }
        }
        explained
    }
}

fn one(rule: &CompiledRule, facts: &Facts<'_>) -> Explained {
    let spent = rule.lease.as_ref().is_some_and(|lease| lease.now().spent().is_some());
    let (answer, why) = match &rule.error {
        Some(error) => (Truth::False, format!("its filter can't be read: {error}")),
        None if spent => (Truth::False, "it is used up".to_owned()),
        None => {
            let answer = rule.answer(facts, Stage::UnderWay);
            (answer, reason(rule.filter.tree(), facts, answer))
        }
    };
    let is_same = |at: &When| spent || rule.answer(&at.limit(facts), Stage::UnderWay) == answer;
    let moment = When::ALL.into_iter().find(is_same).filter(|_| answer.is_certain());
    let (name, level) = (rule.state.name.to_string(), rule.capture.level);
    Explained { rule: name, level, answer, moment, why, decides: None }
}

/// The reason for which `node` has `answer`.
fn reason(node: &Node, facts: &Facts<'_>, answer: Truth) -> String {
    match node {
        Node::All => "it matches every exchange".to_owned(),
        Node::Not(node) => reason(node, facts, !answer),
        Node::And(nodes) => of_several(nodes, facts, (answer, Truth::True)),
        Node::Or(nodes) => of_several(nodes, facts, (answer, Truth::False)),
        Node::Term(term) => {
            let text = Node::Term(term.clone()).to_string();
            match answer {
                Truth::True => format!("`{text}` holds"),
                Truth::False => format!("`{text}` does not hold"),
                Truth::Unknown => format!("`{text}` is not known{}", before(term.needs())),
            }
        }
    }
}

/// The reason for an answer about several conditions: all of them where they agree on `neutral`, else one that decides.
fn of_several(nodes: &[Node], facts: &Facts<'_>, (answer, neutral): (Truth, Truth)) -> String {
    let have = nodes
        .iter()
        .filter(|node| Filter::of((*node).clone()).is_ok_and(|filter| filter.evaluate(facts) == answer));
    let all = answer == neutral || answer == Truth::Unknown;
    let reasons: Vec<_> =
        have.take(if all { nodes.len() } else { 1 }).map(|node| reason(node, facts, answer)).collect();
    reasons.join(", ")
}

/// Says when a condition becomes known that is not yet.
fn before(needs: Parts) -> &'static str {
    if needs.intersects(Parts::END | Parts::DETAIL) {
        " before the end"
    } else if needs.intersects(Parts::RESPONSE | Parts::RESPONSE_HEAD) {
        " before the response"
    } else if needs.intersects(Parts::PROGRAM) {
        " before the program is found"
    } else {
        ""
    }
}
