//! Off, and back to the level before.

use std::time::Duration;

use dashcam_control::{Guarantee, Patch, Rule, Settings};
use dashcam_exchange::Level;
use tokio::time::timeout;

use crate::leases::{Bounds, Ended, LeaseInForce, NewLease};
use crate::{Author, Changes, Keeping, Refused};

/// How many of the latest changes are looked through for the level before.
const LOOK_THROUGH: u32 = 1000;
/// How long the disk may take to tell it.
const PATIENCE: Duration = Duration::from_secs(1);

impl Changes {
    /// Switches all recording off, and on again as it was: the level to `off` and back to the one before (`full` if there was
    /// none). Where rules or leases record as well, a lease that has no end switches all of them off, and its end on.
    ///
    /// # Errors
    /// When there are too many leases, or those that are stored could not be read yet.
    pub async fn toggle(&self, author: Author) -> Result<Keeping, Refused> {
        let leases = self.leases();
        let own =
            |lease: &&LeaseInForce| lease.lease.rule.level == Level::Off && lease.terms.author == author;
        if let Some(off) = leases.iter().find(own) {
            return Ok(self.end_lease((author, None), off.lease.id, Ended::ByUser)?.1);
        }
        let settings = self.0.control.settings();
        if !leases.is_empty() || !settings.rules.is_empty() {
            return Ok(self.begin_lease(author, all_off())?.1);
        }
        let level = match settings.level {
            Level::Off => self.level_before().await,
            _ => Level::Off,
        };
        Ok(self.settings(author, &Patch { level: Some(level), ..Patch::default() }, None)?.keeping)
    }

    async fn level_before(&self) -> Level {
        if let Some(level) = self.order().last_on {
            return level;
        }
        let history = timeout(PATIENCE, self.0.store.reader().settings_history(LOOK_THROUGH)).await;
        let changes = history.ok().and_then(Result::ok).unwrap_or_default().into_iter();
        let mut levels = changes.filter_map(|change| {
            serde_json::from_value::<Settings>(change.to).ok().map(|settings| settings.level)
        });
        levels.find(|level| *level != Level::Off).unwrap_or(Level::Full)
    }
}

/// A lease that switches everything off, also after a restart, until somebody ends it.
fn all_off() -> NewLease {
    let rule = Rule {
        name: String::new(),
        filter: String::new(),
        level: Level::Off,
        sample: None,
        body_limit: None,
        guarantee: Guarantee::default(),
        keep_for: None,
        follow: None,
        redaction: None,
    };
    NewLease { rule, bounds: Bounds::default(), reason: None, persist: true }
}
