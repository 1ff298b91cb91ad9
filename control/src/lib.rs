//! The settings that an operator may change while dashcam runs: one atomic load to read it.

mod change;
mod settings;

use std::sync::{Arc, Mutex};

use arc_swap::{ArcSwap, Guard};
use tokio::sync::watch;

pub use change::{Change, Patch};
pub use settings::{InvalidSettings, Settings};

/// The settings in force. Read with [`Control::current`] once per connection and once per exchange,
/// nowhere else, so that nothing changes under an exchange's feet.
#[derive(Debug)]
pub struct Control {
    current: ArcSwap<Settings>,
    changing: Mutex<()>,
    changed: watch::Sender<Arc<Settings>>,
}

impl Control {
    /// Starts with `settings`.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let (changed, _) = watch::channel(Arc::clone(&settings));
        Self { current: ArcSwap::new(settings), changing: Mutex::new(()), changed }
    }

    /// The settings at this moment: one atomic load.
    pub fn current(&self) -> Guard<Arc<Settings>> {
        self.current.load()
    }

    /// Puts `patch` in force and says what changed. Whoever calls keeps the change in the store.
    ///
    /// # Errors
    /// When the settings that would come of it make no sense; nothing changes then.
    pub fn change(&self, patch: &Patch) -> Result<Change, InvalidSettings> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let from = self.current.load_full();
        let to = Arc::new(patch.apply(&from)?);
        self.current.store(Arc::clone(&to));
        self.changed.send_replace(Arc::clone(&to));
        Ok(Change { from, to })
    }

    /// Puts `to` in force, unless somebody has changed the settings since they were `from`; says whether.
    pub fn replace(&self, from: &Arc<Settings>, to: Settings) -> bool {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !Arc::ptr_eq(from, &self.current.load()) {
            return false;
        }
        let to = Arc::new(to);
        self.current.store(Arc::clone(&to));
        self.changed.send_replace(to);
        true
    }

    /// Wakes at every change: connections that are decrypted drain when recording goes off.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Arc<Settings>> {
        self.changed.subscribe()
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
        assert_eq!(control.current().level, Level::Off);
        assert!(watcher.has_changed().unwrap());
    }

    #[test]
    fn what_somebody_changed_is_not_replaced() {
        let control = Control::new(Settings::default());
        let (first, watcher) = (Arc::clone(&control.current()), control.subscribe());
        let off = Settings { level: Level::Off, ..Settings::default() };
        assert!(control.replace(&first, off.clone()));
        assert_eq!((&**control.current(), watcher.has_changed().unwrap()), (&off, true));
        let second = Arc::clone(&control.current());
        // To what it is: that is somebody's word too.
        control.change(&Patch { level: Some(Level::Off), ..Patch::default() }).unwrap();
        assert!(!control.replace(&second, Settings::default()));
        assert_eq!(**control.current(), off);
    }

    #[test]
    fn a_senseless_change_changes_nothing() {
        let control = Control::new(Settings::default());
        let patch = Patch { level: Some(Level::Off), body_limit: Some(u64::MAX) };
        assert!(control.change(&patch).is_err());
        assert_eq!(**control.current(), Settings::default());
    }
}
