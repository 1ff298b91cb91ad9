//! Leases, and changes of them.

use std::time::Duration;

use dashcam_changes::{Bounds, LeaseInForce, NewLease};
use dashcam_control::{Guarantee, KeepFor, Sample};
use dashcam_exchange::Timestamp;
use dashcam_views::dto::{Level, Time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::Rule;

/// A rule before all others that ends by itself: when its time is up, or its bytes or exchanges are used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lease {
    /// Its number.
    pub id: i64,
    /// Its rule, which has a name of its own.
    pub rule: Rule,
    /// When it began.
    pub from: Time,
    /// When it ends; null if no time bounds it.
    #[schema(required)]
    pub until: Option<Time>,
    /// The most bytes that are recorded by it.
    #[schema(required)]
    pub max_bytes: Option<u64>,
    /// The most exchanges that it matches.
    #[schema(required)]
    pub max_exchanges: Option<u64>,
    /// Bytes that were recorded by it so far: heads of exchanges that have ended, and bodies as they are stored.
    pub used_bytes: u64,
    /// Exchanges that it matched so far.
    pub used_exchanges: u64,
    /// Why it was begun.
    #[schema(required)]
    pub reason: Option<String>,
    /// The one who began it, as in the history of the settings.
    pub who: String,
    /// The address from which it was begun.
    #[schema(required)]
    pub address: Option<String>,
    /// The beginning of the name of the page's session in which it was begun.
    #[schema(required)]
    pub session: Option<String>,
    /// True if it goes on after a restart of dashcam.
    pub persist: bool,
    /// When it ended; null while it is in force.
    #[schema(required)]
    pub ended_at: Option<Time>,
    /// Why it ended: `time`, `bytes`, `count`, `ended` (by somebody) or `restart`.
    #[schema(required)]
    pub ended_why: Option<String>,
}

impl From<LeaseInForce> for Lease {
    fn from(LeaseInForce { lease, terms }: LeaseInForce) -> Self {
        Self {
            id: lease.id,
            rule: Rule::from(&lease.rule),
            from: terms.from.into(),
            until: terms.until.map(Time::from),
            max_bytes: lease.max_bytes,
            max_exchanges: lease.max_exchanges,
            used_bytes: lease.used_bytes,
            used_exchanges: lease.used_exchanges,
            reason: terms.reason,
            who: terms.author.who,
            address: terms.author.address,
            session: terms.author.session,
            persist: terms.persist,
            ended_at: None,
            ended_why: None,
        }
    }
}

impl Lease {
    /// A lease as it is stored; `None` if its rule can't be read.
    pub(crate) fn stored(lease: dashcam_store::Lease) -> Option<Self> {
        let rule: dashcam_control::Rule = serde_json::from_value(lease.rule).ok()?;
        let (at, why) = lease.ended.map(|end| (end.at, end.why)).unzip();
        Some(Self {
            id: lease.id,
            rule: Rule::from(&rule),
            from: lease.from.into(),
            until: lease.until.map(|until: Timestamp| until.into()),
            max_bytes: lease.max_bytes,
            max_exchanges: lease.max_exchanges,
            used_bytes: lease.used.bytes,
            used_exchanges: lease.used.exchanges,
            reason: lease.reason,
            who: lease.who,
            address: lease.address,
            session: lease.session,
            persist: lease.persist,
            ended_at: at.map(Time::from),
            ended_why: why,
        })
    }
}

/// Leases, the newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Leases {
    /// The leases.
    pub leases: Vec<Lease>,
}

/// A lease to begin. It has at least one bound: a time, bytes, or exchanges.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseRequest {
    /// How much is recorded.
    pub level: Level,
    /// A filter: the exchanges that it is about; empty for all.
    #[serde(default)]
    pub r#match: String,
    /// The time for which it holds, in microseconds.
    #[serde(default)]
    pub lasting_us: Option<u64>,
    /// The most bytes that are recorded by it.
    #[serde(default)]
    pub max_bytes: Option<u64>,
    /// The most exchanges that it matches.
    #[serde(default)]
    pub max_exchanges: Option<u64>,
    /// The part of them that is recorded, as in a rule.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub sample: Option<Sample>,
    /// The most bytes of each of their bodies that are stored.
    #[serde(default)]
    pub body_limit: Option<u64>,
    /// The lengths to which recording goes for them, as in a rule.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub guarantee: Option<Guarantee>,
    /// How long they are kept, as in a rule.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub keep_for: Option<KeepFor>,
    /// Why, for the history.
    #[serde(default)]
    pub reason: Option<String>,
    /// True if it goes on after a restart of dashcam, with what is left of it.
    #[serde(default)]
    pub persist: bool,
}

impl LeaseRequest {
    /// Its rule, before it has a name.
    pub(crate) fn rule(&self) -> Rule {
        Rule {
            name: "lease".to_owned(),
            r#match: self.r#match.clone(),
            level: self.level,
            sample: self.sample.clone(),
            body_limit: self.body_limit,
            guarantee: self.guarantee.unwrap_or_default(),
            keep_for: self.keep_for,
            follow: None,
            redaction: None,
        }
    }

    /// The lease, with `rule`.
    pub(crate) fn with(self, rule: dashcam_control::Rule) -> NewLease {
        let bounds = bounds(self.lasting_us, self.max_bytes, self.max_exchanges);
        NewLease { rule, bounds, reason: self.reason, persist: self.persist }
    }
}

/// A longer life for a lease: each bound grows by so much, and one that it did not have is set so much above what it has
/// used, or so much from now.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaseExtension {
    /// More time, in microseconds.
    #[serde(default)]
    pub lasting_us: Option<u64>,
    /// More bytes.
    #[serde(default)]
    pub max_bytes: Option<u64>,
    /// More exchanges.
    #[serde(default)]
    pub max_exchanges: Option<u64>,
    /// Why, for the history.
    #[serde(default)]
    pub reason: Option<String>,
}

impl LeaseExtension {
    pub(crate) fn bounds(&self) -> Bounds {
        bounds(self.lasting_us, self.max_bytes, self.max_exchanges)
    }
}

fn bounds(lasting_us: Option<u64>, max_bytes: Option<u64>, max_exchanges: Option<u64>) -> Bounds {
    Bounds { lasting: lasting_us.map(Duration::from_micros), max_bytes, max_exchanges }
}
