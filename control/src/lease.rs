//! Leases: rules before all others that end by themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Notify;

use crate::rule::check;
use crate::settings::LARGEST_BODY_LIMIT;
use crate::{Control, InvalidSettings, Rule};

/// The most leases at a time.
pub const MOST_LEASES: usize = 20;

/// A rule before all others until its time, its bytes or its exchanges are used up. Whoever keeps it in the store ends it
/// when its time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its number in the store.
    pub id: i64,
    /// Its rule.
    pub rule: Rule,
    /// The most bytes that may be recorded by it. The exchange that goes beyond them is the last.
    pub max_bytes: Option<u64>,
    /// The most exchanges that it may match.
    pub max_exchanges: Option<u64>,
    /// Bytes that were recorded by it: heads and bodies of exchanges that have ended, and the parts of bodies that were
    /// handed over of others.
    pub used_bytes: u64,
    /// Exchanges that it matched.
    pub used_exchanges: u64,
}

/// The limit of a lease that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// Its exchanges.
    Exchanges,
    /// Its bytes.
    Bytes,
}

impl Lease {
    /// The limit that is used up: then it matches nothing more.
    #[must_use]
    pub fn spent(&self) -> Option<Spent> {
        let reached = |max: Option<u64>, used| max.is_some_and(|max| used >= max);
        if reached(self.max_exchanges, self.used_exchanges) {
            Some(Spent::Exchanges)
        } else {
            reached(self.max_bytes, self.used_bytes).then_some(Spent::Bytes)
        }
    }
}

/// The use that is made of a lease, through all policies.
#[derive(Debug)]
pub(crate) struct Usage {
    exchanges: AtomicU64,
    bytes: AtomicU64,
    /// The most bytes, which may change; `u64::MAX` without a bound.
    max_bytes: AtomicU64,
    /// True once somebody was told that a limit is reached.
    is_told: AtomicBool,
    /// Tells that a limit of some lease is reached.
    ran_out: Arc<Notify>,
}

/// A lease in a policy.
#[derive(Debug, Clone)]
pub(crate) struct Active {
    lease: Lease,
    usage: Arc<Usage>,
}

impl Active {
    fn new(lease: Lease, ran_out: Arc<Notify>) -> Self {
        let usage = Usage {
            exchanges: AtomicU64::new(lease.used_exchanges),
            bytes: AtomicU64::new(lease.used_bytes),
            max_bytes: AtomicU64::new(lease.max_bytes.unwrap_or(u64::MAX)),
            is_told: AtomicBool::new(false),
            ran_out,
        };
        Self { lease, usage: Arc::new(usage) }
    }

    /// The lease as it stands.
    pub(crate) fn now(&self) -> Lease {
        Lease {
            used_bytes: self.usage.bytes.load(Ordering::Relaxed),
            used_exchanges: self.usage.exchanges.load(Ordering::Relaxed),
            ..self.lease.clone()
        }
    }

    pub(crate) fn rule(&self) -> &Rule {
        &self.lease.rule
    }

    /// Returns whether it may match no more before its time is up.
    pub(crate) fn is_limited(&self) -> bool {
        self.lease.max_exchanges.is_some() || self.lease.max_bytes.is_some()
    }

    /// Takes an exchange that it matches; false if it is spent.
    pub(crate) fn take(&self) -> bool {
        let max_exchanges = self.lease.max_exchanges.unwrap_or(u64::MAX);
        let has_bytes = self.lease.max_bytes.is_none_or(|max| self.usage.bytes.load(Ordering::Relaxed) < max);
        let more = |used: u64| (used < max_exchanges).then_some(used + 1);
        let taken = has_bytes
            && self.usage.exchanges.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok();
        if taken && self.usage.exchanges.load(Ordering::Relaxed) >= max_exchanges {
            self.tell();
        }
        taken
    }

    /// Notes further `bytes` of an exchange of its. Returns whether those that it may have are used up.
    pub(crate) fn add_bytes(&self, bytes: u64) -> bool {
        let used = self.usage.bytes.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        let is_spent = used >= self.usage.max_bytes.load(Ordering::Relaxed);
        if is_spent {
            self.tell();
        }
        is_spent
    }

    fn tell(&self) {
        if !self.usage.is_told.swap(true, Ordering::Relaxed) {
            self.usage.ran_out.notify_one();
        }
    }
}

impl Control {
    /// Puts `lease` in force before all others; one with its number goes on with other limits and keeps its place and what it
    /// has used.
    ///
    /// # Errors
    /// When its rule makes no sense, or there are too many leases.
    pub fn put_lease(&self, lease: Lease) -> Result<(), InvalidSettings> {
        let invalid = |why| InvalidSettings::Rule { name: lease.rule.name.clone(), why };
        let checked = check::lengths(&lease.rule, LARGEST_BODY_LIMIT);
        checked.and_then(|()| check::filter(&lease.rule)).map_err(invalid)?;
        let mut changes = self.lock();
        if let Some(known) = changes.leases.iter_mut().find(|known| known.lease.id == lease.id) {
            known.usage.max_bytes.store(lease.max_bytes.unwrap_or(u64::MAX), Ordering::Relaxed);
            known.usage.is_told.store(false, Ordering::Relaxed);
            known.lease = lease;
        } else if changes.leases.len() >= MOST_LEASES {
            return Err(InvalidSettings::TooManyLeases);
        } else {
            changes.leases.insert(0, Active::new(lease, Arc::clone(&self.ran_out)));
        }
        self.compile(None, &mut changes);
        Ok(())
    }

    /// Ends the lease `id`, and returns it as it stood then; `None` if there is none.
    pub fn end_lease(&self, id: i64) -> Option<Lease> {
        let mut changes = self.lock();
        let index = changes.leases.iter().position(|active| active.lease.id == id)?;
        let ended = changes.leases.remove(index);
        self.compile(None, &mut changes);
        Some(ended.now())
    }

    /// The leases in force, the newest first, with what they have used. One that is spent stays until it is ended.
    #[must_use]
    pub fn leases(&self) -> Vec<Lease> {
        self.lock().leases.iter().map(Active::now).collect()
    }

    /// Waits until the bytes or the exchanges of some lease are used up ([`Lease::spent`]). One waits at a time.
    pub async fn lease_ran_out(&self) {
        self.ran_out.notified().await;
    }
}
