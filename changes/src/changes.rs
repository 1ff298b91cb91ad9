//! The one way to change something.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dashcam_control::{Change, Control, InvalidSettings, Patch, Settings};
use dashcam_exchange::{Level, Timestamp};
use dashcam_store::{ChangeKind, SettingsChange, Store};
use serde_json::Value;
use tokio::sync::Notify;

use crate::history::{History, HistoryWriter, Keeping, Row, history};
use crate::leases::Leases;
use crate::{Author, InFile};

/// Changes what is in force. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Changes(pub(crate) Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) control: Arc<Control>,
    pub(crate) store: Store,
    /// Held while a change comes into force and is handed over to the history, so that both have the same order.
    order: Mutex<Order>,
    /// Tells that there is a lease.
    pub(crate) lease_begun: Notify,
}

/// The state of changes so far, and the way to the history.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) history: History,
    pub(crate) leases: Leases,
    /// The level before it went off, if that was since the start.
    pub(crate) last_on: Option<Level>,
}

/// A change that is in force.
#[derive(Debug)]
pub struct InForce {
    /// Both sides of it.
    pub change: Change,
    /// Its way into the history.
    pub keeping: Keeping,
}

/// A change that is not made.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The settings that would come of it make no sense.
    #[error(transparent)]
    Invalid(#[from] InvalidSettings),
    /// Somebody has changed something since the caller read the rules.
    #[error(
        "something has changed since epoch {asked}, it is epoch {now} now: read the rules again, and repeat the change"
    )]
    Moved {
        /// The epoch that the caller read.
        asked: u64,
        /// The one in force.
        now: u64,
    },
    /// There is no rule of that name.
    #[error("there is no rule {name}{}", crate::rules::nearest_of(nearest.as_deref()))]
    NoRule {
        /// The name that was asked for.
        name: String,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// There is no lease of that number in force.
    #[error("there is no lease {0} in force: `dashcam lease ls` lists them")]
    NoLease(i64),
    /// A lease is bounded by bytes alone, and records none.
    #[error(
        "at the level {0} no bytes are recorded, so that the lease would never end: give it a time or exchanges"
    )]
    Endless(Level),
    /// The leases that are stored could not be read yet.
    #[error("the recording is not open yet, so that no lease can begin: try again once it is")]
    NotReady,
}

impl Changes {
    /// Changes what `control` has in force, and keeps it in `store`; the writer is to run in a task of its own.
    #[must_use]
    pub fn new(control: Arc<Control>, store: Store) -> (Self, HistoryWriter) {
        let (history, writer) = history(store.clone());
        let order = Mutex::new(Order { history, leases: Leases::default(), last_on: None });
        let shared = Shared { control, store, order, lease_begun: Notify::new() };
        (Self(Arc::new(shared)), writer)
    }

    /// Puts `patch` in force.
    ///
    /// # Errors
    /// When the settings that would come of it make no sense; nothing changes then.
    pub fn settings(&self, author: Author, patch: &Patch, why: Option<String>) -> Result<InForce, Refused> {
        self.update((author, why), ChangeKind::Settings, |settings| Ok(patch.apply(settings)?))
    }

    /// Puts in force what `config.toml` says differently than before; `None` if that is nothing.
    ///
    /// # Errors
    /// When the settings that would come of it make no sense; nothing changes then.
    pub fn file(&self, file: &InFile) -> Result<Option<InForce>, Refused> {
        if file.over(&self.0.control.settings()) == *self.0.control.settings() {
            return Ok(None);
        }
        let author = Author::named("config.toml");
        self.update((author, None), ChangeKind::Settings, |settings| Ok(file.over(settings).checked()?))
            .map(Some)
    }

    /// The level that `config.toml` named when that last came into force.
    #[must_use]
    pub fn level_in_file(&self) -> Option<Level> {
        self.0.control.settings().in_file.as_ref().and_then(|before| before.level)
    }

    /// Puts in force what `change` makes of the settings.
    pub(crate) fn update(
        &self,
        (author, why): (Author, Option<String>),
        kind: ChangeKind,
        change: impl Fn(&Settings) -> Result<Settings, Refused>,
    ) -> Result<InForce, Refused> {
        let mut order = self.order();
        let control = &self.0.control;
        let (from, to) = loop {
            let (epoch, from) = (control.policy().epoch(), control.settings());
            let to = change(&from)?;
            control.check_redaction_sets(&from, &to)?;
            // Nobody else changes them, but for a database that is opened late.
            if control.replace(epoch, to.clone()) {
                break (from, Arc::new(to));
            }
        };
        if to.level == Level::Off && from.level != Level::Off {
            order.last_on = Some(from.level);
        }
        tracing::info!(
            who = author.who, why, level = %to.level, body_limit = to.body_limit, rules = to.rules.len(), "settings changed"
        );
        let row = SettingsChange {
            at: now(),
            who: author.who,
            why,
            from: Some(json_of(&from)),
            to: json_of(&to),
            kind,
            address: author.address,
            session: author.session,
            detail: None,
        };
        let keeping = order.history.keep(Row::Change(Box::new(row)));
        Ok(InForce { change: Change { from, to }, keeping })
    }

    pub(crate) fn order(&self) -> MutexGuard<'_, Order> {
        self.0.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Settings as the history has them.
pub(crate) fn json_of(settings: &Settings) -> Value {
    serde_json::to_value(settings).expect("settings are strings and numbers")
}

/// The time now.
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX)))
}
