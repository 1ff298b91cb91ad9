//! The rule that an exchange meets.

use std::collections::BTreeMap;

use dashcam_control::{Explained, When};
use dashcam_filter::Truth;
use dashcam_views::dto::Level;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An exchange that rules are asked about: one that was recorded, or one that is described. Of a described one everything
/// that is absent or null is not known yet.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RuleTested {
    /// The id of a recorded one; then nothing else is said.
    pub exchange: Option<i64>,
    /// A description in words, as the filter language has them: `method:POST url:https://api.example.com/v1 status:503
    /// dur:1.5s client:10.0.0.7 header.x-debug:1`. The other fields go before it.
    pub described: Option<String>,
    /// The method.
    pub method: Option<String>,
    /// The URL.
    pub url: Option<String>,
    /// The client's address, with or without a port.
    pub client: Option<String>,
    /// The name of the program that sent it.
    pub program: Option<String>,
    /// The mode of its listener.
    pub mode: Option<String>,
    /// The name of its listener.
    pub listener: Option<String>,
    /// The request's headers.
    pub headers: Option<BTreeMap<String, String>>,
    /// The response's status.
    pub status: Option<u16>,
    /// The response's headers.
    pub response_headers: Option<BTreeMap<String, String>>,
    /// How long it took from start to end, in microseconds: then it has ended.
    pub duration_us: Option<i64>,
    /// How it failed: `SIDE/STAGE`, such as `upstream/connect`. Then it has ended.
    pub failure: Option<String>,
}

/// The rules' answers about an exchange.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleTest {
    /// An answer of each rule, leases first, up to the one that decides. If none of them decides, too little is known.
    pub rules: Vec<RuleStep>,
}

/// A rule's answer about an exchange.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleStep {
    /// The rule's name.
    pub rule: String,
    /// Its level, as the budget has it.
    pub level: Level,
    /// Tells whether it matches.
    pub answer: RuleAnswer,
    /// The moment from which on that is certain; null if it is not.
    #[schema(required)]
    pub moment: Option<RuleMoment>,
    /// The reason for the answer.
    pub why: String,
    /// The moment at which this rule decides, if it is the one that does; rules before it may keep it waiting.
    #[schema(required)]
    pub decides: Option<RuleMoment>,
}

/// Tells whether a rule matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleAnswer {
    /// It does.
    True,
    /// It does not.
    False,
    /// Too little is known.
    Unknown,
}

/// A moment of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleMoment {
    /// Its connection and destination are known.
    Connection,
    /// The request's head is there.
    Request,
    /// The response's head is there.
    Response,
    /// It has ended.
    End,
}

impl From<When> for RuleMoment {
    fn from(when: When) -> Self {
        match when {
            When::Connection => Self::Connection,
            When::Request => Self::Request,
            When::Response => Self::Response,
            When::End => Self::End,
        }
    }
}

impl From<Explained> for RuleStep {
    fn from(explained: Explained) -> Self {
        Self {
            rule: explained.rule,
            level: explained.level.into(),
            answer: match explained.answer {
                Truth::True => RuleAnswer::True,
                Truth::False => RuleAnswer::False,
                Truth::Unknown => RuleAnswer::Unknown,
            },
            moment: explained.moment.map(RuleMoment::from),
            why: explained.why,
            decides: explained.decides.map(RuleMoment::from),
        }
    }
}
