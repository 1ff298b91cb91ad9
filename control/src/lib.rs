//! The settings that an operator may change while dashcam runs, compiled into the policy in force.

mod change;
mod pending;
mod policy;
mod rejected;
mod rule;
mod settings;
mod step;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::watch;

pub use change::{Change, Patch};
pub use pending::{Kept, Pending, Verdict};
pub use policy::{CaptureDecision, ConnectionDecision, ConnectionFacts, Epoch, Policy};
pub use rejected::{Pair, Refusal, Rejected, RejectedCounts, RejectedPair, TunnelRejected};
pub use rule::{By, DEFAULT_RULE, Follow, Guarantee, InvalidText, KeepFor, Rule, Same, Sample};
pub use settings::{InvalidSettings, Settings};
pub use step::Step;

/// The policy in force, and its changes. Traffic asks it for decisions once per connection and once per exchange, and
/// carries them, so that nothing changes under an exchange's feet.
#[derive(Debug)]
pub struct Control {
    policy: ArcSwap<Policy>,
    rejected: Arc<Rejected>,
    changing: Mutex<()>,
    changed: watch::Sender<Arc<Policy>>,
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
        let policy = Policy::compile(Arc::new(settings), Arc::clone(&rejected), Epoch::FIRST);
        let policy = Arc::new(policy);
        let (changed, _) = watch::channel(Arc::clone(&policy));
        Self { policy: ArcSwap::new(policy), rejected, changing: Mutex::new(()), changed }
    }

    /// Clients and upstreams that refuse our TLS. The policy decides by them.
    pub fn rejected(&self) -> &Rejected {
        &self.rejected
    }

    /// The policy at this moment: one atomic load.
    pub fn policy(&self) -> Guard<Arc<Policy>> {
        self.policy.load()
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
        let one_at_a_time = self.lock();
        let from = self.settings();
        let to = Arc::new(patch.apply(&from)?);
        self.put(Arc::clone(&to), &one_at_a_time);
        Ok(Change { from, to })
    }

    /// Puts `to` in force, unless somebody has changed the settings since `epoch`; returns whether it did.
    pub fn replace(&self, epoch: Epoch, to: Settings) -> bool {
        let one_at_a_time = self.lock();
        let is_unchanged = self.policy.load().epoch() == epoch;
        if is_unchanged {
            self.put(Arc::new(to), &one_at_a_time);
        }
        is_unchanged
    }

    /// Gets each policy that comes into force.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<Policy>> {
        self.changed.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, settings: Arc<Settings>, _one_at_a_time: &MutexGuard<'_, ()>) {
        let epoch = self.policy.load().epoch().next();
        let policy = Arc::new(Policy::compile(settings, Arc::clone(&self.rejected), epoch));
        self.policy.store(Arc::clone(&policy));
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
        let off = Settings { level: Level::Off, ..Settings::default() };
        assert!(control.replace(first, off.clone()));
        assert_eq!((&*control.settings(), watcher.has_changed().unwrap()), (&off, true));
        let second = control.policy().epoch();
        assert_ne!(first, second);
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
