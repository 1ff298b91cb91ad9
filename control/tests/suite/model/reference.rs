//! The reference: a plain list of rules, each asked in turn.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use dashcam_control::{Kept, Step};
use dashcam_exchange::Level;
use dashcam_filter::{Context, Facts, Filter, Truth};

use super::ops::{FILTERS, LEVELS, Made, Request, SAMPLES};

/// A rule of the reference.
#[derive(Debug, Clone)]
pub(super) struct Plain {
    name: String,
    filter: Filter,
    level: Level,
    sample: Option<&'static str>,
    follows: bool,
    /// Which lease it is, and the most exchanges that it may match.
    lease: Option<(u64, u64)>,
}

/// The reference: it asks each rule in turn, at each moment, and remembers nothing but what rules say.
#[derive(Default)]
pub(super) struct Reference {
    pub(super) rules: Vec<Made>,
    pub(super) level: Option<Level>,
    /// Number, rule, the most exchanges, and which one with that number it is.
    pub(super) leases: Vec<(i64, Made, u64, u64)>,
    pub(super) last_lease: u64,
    pub(super) step: Step,
    pub(super) used: HashMap<u64, u64>,
    /// Clients, and the names of the rules that follow them.
    pub(super) followed: HashMap<u8, String>,
    pub(super) counts: BTreeMap<String, [u64; 3]>,
}

fn plain(name: &str, made: &Made, cap: Level) -> Plain {
    let (now, presets) = (jiff::Zoned::default(), BTreeMap::new());
    Plain {
        name: name.to_owned(),
        filter: Filter::parse(FILTERS[made.filter], &Context { now: &now, presets: &presets }).unwrap(),
        level: LEVELS[made.level].min(cap),
        sample: SAMPLES[made.sample],
        follows: made.follows,
        lease: None,
    }
}

impl Reference {
    /// The rules as they are now.
    pub(super) fn now(&self) -> Rc<Vec<Plain>> {
        let cap = match self.step {
            Step::Full => Level::Full,
            Step::Heads | Step::Sample => Level::Metadata,
            Step::Metrics => Level::Metrics,
        };
        let leases = self.leases.iter().map(|(id, made, most, which)| Plain {
            lease: Some((*which, *most)),
            ..plain(&format!("lease-{id}"), made, cap)
        });
        let rules = self.rules.iter().enumerate().map(|(at, made)| plain(&format!("r{at}"), made, cap));
        let default = Plain {
            name: "default".to_owned(),
            filter: Filter::default(),
            level: self.level.unwrap_or(Level::Full).min(cap),
            sample: None,
            follows: false,
            lease: None,
        };
        Rc::new(leases.chain(rules).chain([default]).collect())
    }

    pub(super) fn decide(
        &mut self,
        rules: &[Plain],
        facts: &Facts<'_>,
        asked: &Request,
    ) -> Option<(String, Kept, Level)> {
        let own = self.first(rules, facts);
        if let Some(rule) = own {
            let kept = kept(rule, asked);
            if kept == Kept::Kept {
                if rule.follows {
                    self.followed.insert(asked.client, rule.name.clone());
                }
                return Some((rule.name.clone(), kept, rule.level));
            }
            if rule.level == Level::Off {
                return Some((rule.name.clone(), kept, rule.level));
            }
        }
        let follows = |rule: &&Plain| {
            rule.follows && rule.level.records() && self.followed.get(&asked.client) == Some(&rule.name)
        };
        if let Some(rule) = rules.iter().find(follows) {
            // Without an own decision it has to suffice for all that may still decide.
            let suffices = own.is_some()
                || self
                    .left(rules, facts)
                    .all(|other| other.level != Level::Off && other.level <= rule.level);
            if suffices {
                return Some((rule.name.clone(), Kept::Kept, rule.level));
            }
        }
        own.map(|rule| match kept(rule, asked) {
            Kept::SampledOut => (rule.name.clone(), Kept::SampledOut, Level::Metrics),
            kept => (rule.name.clone(), kept, rule.level),
        })
    }

    /// The first rule that matches, if that is certain. A lease that is used up matches nothing.
    fn first<'r>(&mut self, rules: &'r [Plain], facts: &Facts<'_>) -> Option<&'r Plain> {
        for rule in rules {
            match (rule.filter.evaluate(facts), rule.lease) {
                (Truth::False, _) => {}
                (Truth::Unknown, _) => return None,
                (Truth::True, None) => return Some(rule),
                (Truth::True, Some((which, most))) => {
                    let used = self.used.entry(which).or_default();
                    if *used < most {
                        *used += 1;
                        return Some(rule);
                    }
                }
            }
        }
        None
    }

    /// The rules that may decide yet: up to the first that surely matches and can't run out.
    fn left<'r>(&self, rules: &'r [Plain], facts: &Facts<'_>) -> impl Iterator<Item = &'r Plain> {
        let (mut found, mut is_open) = (Vec::new(), false);
        for rule in rules {
            let answer = rule.filter.evaluate(facts);
            let is_spent = rule
                .lease
                .is_some_and(|(which, most)| self.used.get(&which).is_some_and(|used| *used >= most));
            is_open |= answer == Truth::Unknown;
            if answer == Truth::False || is_spent && !is_open {
                continue;
            }
            found.push(rule);
            if answer == Truth::True && rule.lease.is_none() {
                break;
            }
        }
        found.into_iter()
    }

    pub(super) fn count(&mut self, name: &str, kept: Kept) {
        self.counts.entry(name.to_owned()).or_default()[kept as usize] += 1;
    }
}

fn kept(rule: &Plain, asked: &Request) -> Kept {
    let share = |millionths: u128, text: &[u8]| (u128::from(hash(text)) * 1_000_000) >> 64 < millionths;
    let is_in = match rule.sample {
        None | Some("100%") => true,
        Some("0%") => false,
        Some("50% by header x-user") => share(500_000, format!("u{}", asked.user).as_bytes()),
        Some(_) => share(300_000, &[10, 0, 0, asked.client]),
    };
    match (rule.level.records(), is_in) {
        (false, _) => Kept::NotKept,
        (true, false) => Kept::SampledOut,
        (true, true) => Kept::Kept,
    }
}

/// As docs/RULES.md has it.
fn hash(text: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
        hash = (hash ^ (hash >> 33)).wrapping_mul(factor);
    }
    hash ^ (hash >> 33)
}
