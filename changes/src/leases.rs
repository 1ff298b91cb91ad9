//! Leases: begun, extended and ended, by a user or by themselves, and kept over restarts.

mod clock;
mod kept;

use std::collections::BTreeMap;
use std::time::Duration;

use dashcam_control::{Lease, Rule};
use dashcam_exchange::Timestamp;
use dashcam_store::{ChangeKind, SettingsChange};
use serde_json::{Value, json};

use crate::changes::{Order, json_of, now};
use crate::history::{Keeping, Row};
use crate::{Author, Changes, Refused};

/// A lease to begin.
#[derive(Debug, Clone)]
pub struct NewLease {
    /// Its rule; the name is given to it.
    pub rule: Rule,
    /// The bounds. Without one it ends when somebody ends it.
    pub bounds: Bounds,
    /// Why it is begun.
    pub reason: Option<String>,
    /// True if it goes on after a restart.
    pub persist: bool,
}

/// The bounds of a lease: those that it has from its beginning, or by which it is extended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The time for which it holds.
    pub lasting: Option<Duration>,
    /// The most bytes that are recorded by it.
    pub max_bytes: Option<u64>,
    /// The most exchanges that it matches.
    pub max_exchanges: Option<u64>,
}

/// A lease in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseInForce {
    /// Its rule, its bounds, and what it has used.
    pub lease: Lease,
    /// Its terms beside.
    pub terms: Terms,
}

/// The terms of a lease beside its rule and its bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// When it began.
    pub from: Timestamp,
    /// When it ends; `None` if no time bounds it.
    pub until: Option<Timestamp>,
    /// Why it was begun.
    pub reason: Option<String>,
    /// The one who began it.
    pub author: Author,
    /// True if it goes on after a restart.
    pub persist: bool,
}

/// The reason for which a lease ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Its time is up.
    Time,
    /// Its bytes are used up.
    Bytes,
    /// Its exchanges are used up.
    Count,
    /// Somebody ended it.
    ByUser,
    /// dashcam was started again, and it was not to go on.
    Restart,
}

impl Ended {
    /// Its name, as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Bytes => "bytes",
            Self::Count => "count",
            Self::ByUser => "ended",
            Self::Restart => "restart",
        }
    }
}

/// All leases in force, by their numbers, and the numbers that are to come.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    terms: BTreeMap<i64, Terms>,
    /// `None` before those that are stored were read.
    last_id: Option<i64>,
}

impl Changes {
    /// Begins a lease: before all others, at once.
    ///
    /// # Errors
    /// When its rule makes no sense, its bounds never end it, there are too many, or those that are stored could not be read
    /// yet.
    pub fn begin_lease(&self, author: Author, new: NewLease) -> Result<(LeaseInForce, Keeping), Refused> {
        let has_bytes_alone =
            matches!(new.bounds, Bounds { lasting: None, max_bytes: Some(_), max_exchanges: None });
        if has_bytes_alone && !new.rule.level.records() {
            return Err(Refused::Endless(new.rule.level));
        }
        let mut order = self.order();
        let id = order.leases.last_id.ok_or(Refused::NotReady)? + 1;
        let from = now();
        let terms = Terms {
            from,
            until: new.bounds.lasting.map(|lasting| after(from, lasting)),
            reason: new.reason,
            author,
            persist: new.persist,
        };
        let lease = Lease {
            id,
            rule: Rule { name: format!("lease-{id}"), ..new.rule },
            max_bytes: new.bounds.max_bytes,
            max_exchanges: new.bounds.max_exchanges,
            used_bytes: 0,
            used_exchanges: 0,
        };
        self.0.control.put_lease(lease.clone())?;
        order.leases.last_id = Some(id);
        order.leases.terms.insert(id, terms.clone());
        let begun = LeaseInForce { lease, terms };
        let why = begun.terms.reason.clone();
        let keeping = self.tell(&order, (begun.terms.author.clone(), why), ("begun", &begun, None));
        self.0.lease_begun.notify_one();
        Ok((begun, keeping))
    }

    /// Lets the lease `id` last so much longer: its time, bytes and exchanges grow by `more`.
    ///
    /// # Errors
    /// When there is none of that number.
    pub fn extend_lease(
        &self,
        by: (Author, Option<String>),
        id: i64,
        more: Bounds,
    ) -> Result<(LeaseInForce, Keeping), Refused> {
        let mut order = self.order();
        let LeaseInForce { lease, mut terms } = self.lease(&order, id).ok_or(Refused::NoLease(id))?;
        if let Some(lasting) = more.lasting {
            terms.until = Some(after(terms.until.unwrap_or_else(now), lasting));
        }
        // One that has no such bound gets one from here on.
        let grown = |max: Option<u64>, used: u64, more: Option<u64>| match more {
            Some(more) => Some(max.unwrap_or(used).saturating_add(more)),
            None => max,
        };
        let lease = Lease {
            max_bytes: grown(lease.max_bytes, lease.used_bytes, more.max_bytes),
            max_exchanges: grown(lease.max_exchanges, lease.used_exchanges, more.max_exchanges),
            ..lease
        };
        self.0.control.put_lease(lease.clone())?;
        order.leases.terms.insert(id, terms.clone());
        let extended = LeaseInForce { lease, terms };
        let keeping = self.tell(&order, by, ("extended", &extended, None));
        Ok((extended, keeping))
    }

    /// Ends the lease `id`: what holds without it holds again.
    ///
    /// # Errors
    /// When there is none of that number.
    pub fn end_lease(
        &self,
        by: (Author, Option<String>),
        id: i64,
        ended: Ended,
    ) -> Result<(LeaseInForce, Keeping), Refused> {
        let mut order = self.order();
        let lease = self.0.control.end_lease(id).ok_or(Refused::NoLease(id))?;
        let terms = order.leases.terms.remove(&id).ok_or(Refused::NoLease(id))?;
        let over = LeaseInForce { lease, terms };
        let keeping = self.tell(&order, by, ("ended", &over, Some(ended)));
        Ok((over, keeping))
    }

    /// The leases in force, the newest first, with what they have used so far.
    #[must_use]
    pub fn leases(&self) -> Vec<LeaseInForce> {
        let order = self.order();
        let leases = self.0.control.leases().into_iter();
        leases.filter_map(|lease| with_terms(&order, lease)).collect()
    }

    fn lease(&self, order: &Order, id: i64) -> Option<LeaseInForce> {
        let lease = self.0.control.leases().into_iter().find(|lease| lease.id == id)?;
        with_terms(order, lease)
    }

    /// Tells the log and the history of a lease.
    fn tell(
        &self,
        order: &Order,
        (author, why): (Author, Option<String>),
        (event, lease, ended): (&str, &LeaseInForce, Option<Ended>),
    ) -> Keeping {
        let Lease { id, rule, used_bytes, used_exchanges, .. } = &lease.lease;
        tracing::info!(
            who = author.who, why, level = %rule.level, r#match = rule.filter, used_bytes, used_exchanges,
            because = ended.map(Ended::as_str), "lease {id} {event}"
        );
        let settings = json_of(&self.0.control.settings());
        let change = SettingsChange {
            at: now(),
            who: author.who,
            why,
            from: Some(settings.clone()),
            to: settings,
            kind: ChangeKind::Lease,
            address: author.address,
            session: author.session,
            detail: Some(detail(event, lease, ended)),
        };
        let stored = kept::stored(lease, ended.map(|ended| (change.at, ended)));
        order.history.keep(Row::Lease(Box::new(change), Box::new(stored)))
    }
}

fn with_terms(order: &Order, lease: Lease) -> Option<LeaseInForce> {
    let terms = order.leases.terms.get(&lease.id)?.clone();
    Some(LeaseInForce { lease, terms })
}

/// The history's account of a lease.
fn detail(event: &str, LeaseInForce { lease, terms }: &LeaseInForce, ended: Option<Ended>) -> Value {
    json!({
        "lease": lease.id,
        "event": event,
        "rule": lease.rule,
        "until": terms.until.map(|until| until.0),
        "max_bytes": lease.max_bytes,
        "max_exchanges": lease.max_exchanges,
        "persist": terms.persist,
        "used_bytes": lease.used_bytes,
        "used_exchanges": lease.used_exchanges,
        "because": ended.map(Ended::as_str),
    })
}

fn after(at: Timestamp, lasting: Duration) -> Timestamp {
    Timestamp(at.0.saturating_add(i64::try_from(lasting.as_micros()).unwrap_or(i64::MAX)))
}
