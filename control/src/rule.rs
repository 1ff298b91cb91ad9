//! Rules: which exchanges are recorded, how much of them, how surely and for how long.

pub(crate) mod check;
mod follow;
mod guarantee;
mod keep_for;
mod sample;
mod text;

use dashcam_exchange::Level;
use serde::{Deserialize, Serialize};

pub use self::check::MOST_RULES;
pub use self::follow::{Follow, Same};
pub use self::guarantee::Guarantee;
pub use self::keep_for::KeepFor;
pub use self::sample::{By, Sample};
pub use self::text::InvalidText;

/// Name under which exchanges are counted that no rule matches: the settings' level decides about them.
pub const DEFAULT_RULE: &str = "default";

/// One rule. Of a list the first one that matches an exchange decides about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name: 1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`; no two rules have the same.
    pub name: String,
    /// The exchanges that it is about, in the filter language; empty for all.
    #[serde(default, rename = "match")]
    pub filter: String,
    /// How much of them is recorded.
    pub level: Level,
    /// The part of them that is; all of them if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// The most bytes of each of their bodies that are stored; as the settings say if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_limit: Option<u64>,
    /// The lengths to which recording goes for them.
    #[serde(default, skip_serializing_if = "Guarantee::is_best_effort")]
    pub guarantee: Guarantee,
    /// How long they are kept; as the bounds of the recording say if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_for: Option<KeepFor>,
    /// Others that are kept once one of them was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follow: Option<Follow>,
    /// The set by which secrets are taken out of their records; the one that is chosen for all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_it_is_written() {
        let text = r#"{"name":"slow","match":"dur:>1s","level":"full","sample":"1% by client","body_limit":1024,"guarantee":"bounded 5ms","keep_for":"7d","follow":"trace 30s","redaction":"payments"}"#;
        let rule: Rule = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&rule).unwrap(), text);
        let short = r#"{"name":"all","match":"","level":"off"}"#;
        let rule: Rule = serde_json::from_str(short).unwrap();
        assert_eq!(
            (rule.guarantee, serde_json::to_string(&rule).unwrap()),
            (Guarantee::BestEffort, short.into())
        );
    }
}
