//! The reference: rules as plain conditions on a whole exchange.

use dashcam_control::Rule;
use dashcam_exchange::Level;
use proptest::prelude::*;
use proptest::sample::select;

/// A condition, in the filter language and as what it means.
type Condition = (&'static str, fn(&Seen) -> bool);

const CONDITIONS: [Condition; 9] = [
    ("", |_| true),
    ("method:POST", |seen| seen.post),
    ("path:/1", |seen| seen.path == 1),
    ("status:5xx", |seen| seen.status.is_some_and(|status| status >= 500)),
    ("fail:*", |seen| seen.failed),
    ("status:5xx | fail:*", |seen| seen.failed || seen.status.is_some_and(|status| status >= 500)),
    ("method:POST status:4xx", |seen| seen.post && seen.status == Some(404)),
    ("!status:200", |seen| seen.status != Some(200)),
    ("state:complete", |seen| seen.is_whole),
];

/// A rule of the model.
#[derive(Debug, Clone)]
pub(super) struct ModelRule {
    condition: usize,
    level: Level,
    /// All of them, none of them, or no sample.
    sample: Option<bool>,
    body_limit: Option<u64>,
    keeps_an_hour: bool,
}

/// The settings of the model.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    list: Vec<ModelRule>,
    pub(super) default: Level,
    pub(super) body_limit: u64,
}

/// All that is known of an exchange in the end.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// The policy of its beginning.
    pub(super) policy: Policy,
    pub(super) post: bool,
    pub(super) path: u8,
    pub(super) status: Option<u16>,
    pub(super) failed: bool,
    pub(super) is_whole: bool,
    pub(super) sizes: [u64; 2],
    pub(super) messages: u64,
}

/// The part of an exchange that is stored.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) level: Level,
    pub(super) body_limit: u64,
    pub(super) rule: Option<String>,
    pub(super) keep_us: Option<i64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { list: Vec::new(), default: Level::Full, body_limit: 1 << 20 }
    }
}

pub(super) fn policy() -> impl Strategy<Value = Policy> {
    let level = || select(vec![Level::Off, Level::Metrics, Level::Metadata, Level::Full, Level::Full]);
    let rule = (
        0..CONDITIONS.len(),
        level(),
        prop_oneof![4 => Just(None), 1 => any::<bool>().prop_map(Some)],
        select(vec![None, None, Some(100), Some(10_000)]),
        any::<bool>(),
    );
    let rule = rule.prop_map(|(condition, level, sample, body_limit, keeps_an_hour)| ModelRule {
        condition,
        level,
        sample,
        body_limit,
        keeps_an_hour,
    });
    (prop::collection::vec(rule, 0..4), level(), select(vec![50, 1 << 20]))
        .prop_map(|(list, default, body_limit)| Policy { list, default, body_limit })
}

impl Policy {
    /// The same as settings have it.
    pub(super) fn rules(&self) -> Vec<Rule> {
        let text = |(index, rule): (usize, &ModelRule)| {
            let ModelRule { condition, level, sample, body_limit, keeps_an_hour } = rule;
            serde_json::json!({
                "name": name(index),
                "match": CONDITIONS[*condition].0,
                "level": level,
                "sample": sample.map(|all| if all { "100%" } else { "0%" }),
                "body_limit": body_limit,
                "keep_for": keeps_an_hour.then_some("1h"),
            })
        };
        let rules = self.list.iter().enumerate().map(text);
        rules.map(|rule| serde_json::from_value(rule).unwrap()).collect()
    }
}

fn name(index: usize) -> String {
    format!("rule-{index}")
}

impl Seen {
    fn decides(&self) -> Option<(usize, &ModelRule)> {
        let matches = |rule: &&ModelRule| CONDITIONS[rule.condition].1(self);
        let index = self.policy.list.iter().position(|rule| matches(&rule))?;
        Some((index, &self.policy.list[index]))
    }

    /// Returns whether it is left out for not being in a sample.
    pub(super) fn is_sampled_out(&self) -> bool {
        self.decides().is_some_and(|(_, rule)| rule.level.records() && rule.sample == Some(false))
    }

    /// The part of it that is stored; `None` if nothing is.
    pub(super) fn expected(&self) -> Option<Expected> {
        let default = || Expected {
            level: self.policy.default,
            body_limit: self.policy.body_limit,
            rule: (!self.policy.list.is_empty()).then(|| "default".to_owned()),
            keep_us: None,
        };
        let expected = self.decides().map_or_else(default, |(index, rule)| Expected {
            level: rule.level,
            body_limit: rule.body_limit.unwrap_or(self.policy.body_limit),
            rule: Some(name(index)),
            keep_us: rule.keeps_an_hour.then_some(3_600_000_000),
        });
        (expected.level.records() && !self.is_sampled_out()).then_some(expected)
    }
}
