//! Steps of the budget in the history. They change no settings, and have those in force beside them: the last row, whatever
//! its kind, is what the next start goes on with.

use dashcam_control::Step;
use dashcam_exchange::Timestamp;
use dashcam_store::{ChangeKind, SettingsChange};
use serde_json::json;

use crate::Changes;
use crate::changes::json_of;
use crate::history::Row;

impl Changes {
    /// Keeps in the history that the budget went to `step` at `at`. Never waits; where the disk hangs for long, steps are
    /// left out before what somebody changes.
    pub fn step(&self, at: Timestamp, step: Step, because: Option<String>) {
        let order = self.order();
        if !order.history.has_room() {
            tracing::warn!("a step of the budget is not in the history: too many wait for the disk");
            return;
        }
        let detail = json!({"step": step, "because": because});
        let settings = json_of(&self.0.control.settings());
        let row = SettingsChange {
            at,
            who: "budget".to_owned(),
            why: because,
            from: Some(settings.clone()),
            to: settings,
            kind: ChangeKind::Step,
            address: None,
            session: None,
            detail: Some(detail),
        };
        order.history.keep(Row::Change(Box::new(row))).unattended();
    }
}
