//! Rules, and changes of their list.

use dashcam_control::{Control, Follow, Guarantee, KeepFor, Sample};
use dashcam_views::dto::Level;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One rule: the first one that matches an exchange decides about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name: 1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`; no two rules have the same.
    pub name: String,
    /// A filter; empty for all exchanges.
    #[serde(default)]
    pub r#match: String,
    /// How much of them is recorded.
    pub level: Level,
    /// The part of them that is: `1%`, `1% by client`, `10/s`, `1MB/s`; null for all of them.
    #[serde(default)]
    #[schema(required, value_type = Option<String>)]
    pub sample: Option<Sample>,
    /// How many bytes of each of their bodies are stored at most; null: as the settings say.
    #[serde(default)]
    #[schema(required)]
    pub body_limit: Option<u64>,
    /// The lengths to which recording goes for them: `best_effort`, `bounded 5ms`, `lossless`.
    #[serde(default)]
    #[schema(value_type = String)]
    pub guarantee: Guarantee,
    /// How long they are kept, such as `7d`; null: as the bounds of the recording say.
    #[serde(default)]
    #[schema(required, value_type = Option<String>)]
    pub keep_for: Option<KeepFor>,
    /// The others that are kept once one of them was: `client 30s`, `trace 30s`.
    #[serde(default)]
    #[schema(required, value_type = Option<String>)]
    pub follow: Option<Follow>,
    /// The set by which secrets are taken out of their records; absent or null: the one that is chosen for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<String>,
}

impl From<&dashcam_control::Rule> for Rule {
    fn from(rule: &dashcam_control::Rule) -> Self {
        let rule = rule.clone();
        Self {
            name: rule.name,
            r#match: rule.filter,
            level: rule.level.into(),
            sample: rule.sample,
            body_limit: rule.body_limit,
            guarantee: rule.guarantee,
            keep_for: rule.keep_for,
            follow: rule.follow,
            redaction: rule.redaction,
        }
    }
}

impl From<Rule> for dashcam_control::Rule {
    fn from(rule: Rule) -> Self {
        Self {
            name: rule.name,
            filter: rule.r#match,
            level: rule.level.into(),
            sample: rule.sample,
            body_limit: rule.body_limit,
            guarantee: rule.guarantee,
            keep_for: rule.keep_for,
            follow: rule.follow,
            redaction: rule.redaction,
        }
    }
}

/// The list in the place of the one that is in force.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesReplacement {
    /// The epoch of the list that the caller read: if something has changed since, nothing changes. Absent or null:
    /// whatever it is.
    #[serde(default)]
    pub epoch: Option<u64>,
    /// The rules, the first one first.
    pub rules: Vec<Rule>,
    /// The reason, for the history.
    #[serde(default)]
    pub why: Option<String>,
}

/// A rule to add: behind all others, unless it says where.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleAddition {
    /// The rule.
    pub rule: Rule,
    /// The name of the rule before which it is to stand.
    #[serde(default)]
    pub before: Option<String>,
    /// True if it is to stand before all others.
    #[serde(default)]
    pub first: bool,
    /// The reason, for the history.
    #[serde(default)]
    pub why: Option<String>,
}

/// The rules in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RulesInForce {
    /// The epoch of the list: each change of anything that is in force begins another one.
    pub epoch: u64,
    /// The rules, the first one first.
    pub rules: Vec<Rule>,
    /// The level where no rule matches, which counts as the rule `default`.
    pub default: DefaultRule,
    /// How many exchanges each rule has met since the start: those of the list, the leases', `default`, and those that were
    /// in force before.
    pub counts: Vec<RuleCounts>,
}

/// The last rule, which matches all that no other does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DefaultRule {
    /// The settings' level.
    pub level: Level,
    /// The settings' body limit.
    pub body_limit: u64,
}

/// The exchanges about which a rule decided since the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleCounts {
    /// The rule's name.
    pub name: String,
    /// True if it is in force.
    pub in_force: bool,
    /// All of them.
    pub matched: u64,
    /// Those that are stored, if there is room.
    pub kept: u64,
    /// Those that its level leaves out.
    pub not_kept: u64,
    /// Those that are not in its sample.
    pub sampled_out: u64,
    /// Bytes of heads and bodies of those that were kept and have ended.
    pub bytes: u64,
}

impl From<dashcam_control::RuleCounts> for RuleCounts {
    fn from(counts: dashcam_control::RuleCounts) -> Self {
        let dashcam_control::RuleCounts { name, in_force, matched, kept, not_kept, sampled_out, bytes } =
            counts;
        Self { name, in_force, matched, kept, not_kept, sampled_out, bytes }
    }
}

impl RulesInForce {
    /// Those of `control`.
    pub(crate) fn of(control: &Control) -> Self {
        let policy = control.policy();
        let settings = policy.settings();
        Self {
            epoch: policy.epoch().number(),
            rules: settings.rules.iter().map(Rule::from).collect(),
            default: DefaultRule { level: settings.level.into(), body_limit: settings.body_limit },
            counts: control.rule_counts().into_iter().map(RuleCounts::from).collect(),
        }
    }
}
