//! The settings that an operator may change while dashcam runs, compiled into the policy in force.

mod change;
mod client_facts;
mod clock;
mod compiled;
mod explain;
mod follows;
mod lease;
mod pending;
mod policy;
mod redaction;
mod rejected;
mod rule;
mod rule_counts;
mod sampling;
mod settings;
mod step;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::{Notify, watch};

use clock::Clock;
use compiled::{Beside, Known};
use follows::Follows;

pub use change::{Change, Patch};
pub use client_facts::ClientFacts;
pub use compiled::{Narrowed, Usage};
pub use explain::{Explained, When};
pub use lease::{Lease, MOST_LEASES, Spent};
pub use pending::{Kept, Pending, Verdict};
pub use policy::{CaptureDecision, ConnectionDecision, ConnectionFacts, Epoch, Policy};
pub use rejected::{Pair, Refusal, Rejected, RejectedCounts, RejectedPair, TunnelRejected};
pub use rule::{By, DEFAULT_RULE, Follow, Guarantee, InvalidText, KeepFor, MOST_RULES, Rule, Same, Sample};
pub use rule_counts::RuleCounts;
pub use settings::{InFileBefore, InvalidSettings, Settings};
pub use step::Step;

/// The policy in force, and its changes. Traffic asks it for decisions once per connection and once per exchange, and
/// carries them, so that nothing changes under an exchange's feet.
#[derive(Debug)]
pub struct Control {
    policy: ArcSwap<Policy>,
    /// The number of its epoch: traffic asks for it more often than for the policy.
    epoch: AtomicU64,
    rejected: Arc<Rejected>,
    changes: Mutex<Changes>,
    changed: watch::Sender<Arc<Policy>>,
    /// Tells that a limit of some lease is reached.
    ran_out: Arc<Notify>,
    clock: Clock,
}

/// Parts of the policy beside the settings. Whoever changes the policy has them.
#[derive(Debug, Default)]
struct Changes {
    /// The newest first.
    leases: Vec<lease::Active>,
    step: Step,
    flight: bool,
    known: Known,
    follows: Option<Arc<Follows>>,
    /// The sets of redaction that rules may name; `None` while nobody has said.
    redaction: Option<Vec<String>>,
}

impl Changes {
    fn beside(&mut self, clock: Clock) -> Beside<'_> {
        let Self { leases, step, flight, known, follows, .. } = self;
        Beside { leases, step: *step, flight: *flight, known, follows, clock }
    }
}

impl Control {
    /// Starts with `settings`, and with the default rule about clients and upstreams that refuse our TLS.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self::with_rejected(settings, Some(TunnelRejected::default()))
    }

    /// Starts with `settings`; `rule` says when the connections of those that refuse our TLS are tunnelled.
    #[must_use]
    pub fn with_rejected(settings: Settings, rule: Option<TunnelRejected>) -> Self {
        let rejected = Arc::new(Rejected::new(rule));
        let (clock, mut changes) = (Clock::start(), Changes::default());
        let policy = Policy::compile(
            Arc::new(settings),
            Arc::clone(&rejected),
            Epoch::FIRST,
            &mut changes.beside(clock),
        );
        let policy = Arc::new(policy);
        let (changed, _) = watch::channel(Arc::clone(&policy));
        let changes = Mutex::new(changes);
        Self {
            policy: ArcSwap::new(policy),
            epoch: AtomicU64::new(Epoch::FIRST.number()),
            rejected,
            changes,
            changed,
            ran_out: Arc::default(),
            clock,
        }
    }

    /// Clients and upstreams that refuse our TLS. The policy decides by them.
    pub fn rejected(&self) -> &Rejected {
        &self.rejected
    }

    /// The policy at this moment: one atomic load.
    pub fn policy(&self) -> Guard<Arc<Policy>> {
        self.policy.load()
    }

    /// Returns whether the policy of `epoch` is in force.
    #[inline]
    pub fn is_in_force(&self, epoch: Epoch) -> bool {
        self.epoch.load(Ordering::Acquire) == epoch.number()
    }

    /// The settings at this moment, for those who show or store them.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(self.policy.load().settings())
    }

    /// Puts `patch` in force and returns what changed. The caller keeps the change in the store.
    ///
    /// # Errors
    /// When the settings that would come of it make no sense; nothing changes then.
    pub fn change(&self, patch: &Patch) -> Result<Change, InvalidSettings> {
        let mut changes = self.lock();
        let from = self.settings();
        let to = Arc::new(patch.apply(&from)?);
        self.compile(Some(Arc::clone(&to)), &mut changes);
        Ok(Change { from, to })
    }

    /// Puts `to` in force, unless somebody has changed the settings since `epoch`; returns whether it did.
    pub fn replace(&self, epoch: Epoch, to: Settings) -> bool {
        let mut changes = self.lock();
        let is_unchanged = self.policy.load().epoch() == epoch;
        if is_unchanged {
            self.compile(Some(Arc::new(to)), &mut changes);
        }
        is_unchanged
    }

    /// Cuts recording back to a step of the budget.
    pub fn set_step(&self, step: Step) {
        let mut changes = self.lock();
        if changes.step != step {
            changes.step = step;
            self.compile(None, &mut changes);
        }
    }

    /// The step of the budget at this moment.
    #[must_use]
    pub fn step(&self) -> Step {
        self.lock().step
    }

    /// Says whether the flight recorder takes what rules don't keep: then that is captured at the level `full`.
    pub fn set_flight(&self, flight: bool) {
        let mut changes = self.lock();
        if changes.flight != flight {
            changes.flight = flight;
            self.compile(None, &mut changes);
        }
    }

    /// The counts of each rule since the start; of those only that decide beside others: while the level decides alone,
    /// there is no rule.
    #[must_use]
    pub fn rule_counts(&self) -> Vec<RuleCounts> {
        self.lock().known.counts()
    }

    /// Gets each policy that comes into force.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<Policy>> {
        self.changed.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a policy in force of `settings`, or of those in force, and of what stands beside them.
    fn compile(&self, settings: Option<Arc<Settings>>, changes: &mut Changes) {
        let last = self.policy.load_full();
        let settings = settings.unwrap_or_else(|| Arc::clone(last.settings()));
        let (rejected, epoch) = (Arc::clone(&self.rejected), last.epoch().next());
        let policy = Arc::new(Policy::compile(settings, rejected, epoch, &mut changes.beside(self.clock)));
        self.policy.store(Arc::clone(&policy));
        self.epoch.store(epoch.number(), Ordering::Release);
        self.changed.send_replace(policy);
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::Level;

    use super::*;

    #[test]
    fn a_change_is_in_force_at_once_and_tells_both_sides() {
        let control = Control::new(Settings::default());
        let watcher = control.subscribe();
        let change = control.change(&Patch { level: Some(Level::Off), ..Patch::default() }).unwrap();
        assert_eq!((change.from.level, change.to.level), (Level::Full, Level::Off));
        assert_eq!(control.settings().level, Level::Off);
        assert!(control.policy().is_off() && watcher.borrow().is_off());
        assert!(watcher.has_changed().unwrap());
    }

    #[test]
    fn what_somebody_changed_is_not_replaced() {
        let control = Control::new(Settings::default());
        let (first, watcher) = (control.policy().epoch(), control.subscribe());
        assert!(control.is_in_force(first));
        let off = Settings { level: Level::Off, ..Settings::default() };
        assert!(control.replace(first, off.clone()));
        assert_eq!((&*control.settings(), watcher.has_changed().unwrap()), (&off, true));
        let second = control.policy().epoch();
        assert_ne!(first, second);
        assert!(!control.is_in_force(first) && control.is_in_force(second));
        // To what it is: that is somebody's word too.
        control.change(&Patch { level: Some(Level::Off), ..Patch::default() }).unwrap();
        assert!(!control.replace(second, Settings::default()));
        assert_eq!(*control.settings(), off);
    }

    #[test]
    fn a_senseless_change_changes_nothing() {
        let control = Control::new(Settings::default());
        let patch = Patch { level: Some(Level::Off), body_limit: Some(u64::MAX), ..Patch::default() };
        assert!(control.change(&patch).is_err());
        assert_eq!(*control.settings(), Settings::default());
    }
}
