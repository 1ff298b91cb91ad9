//! Steps in the history of the settings.

use dashcam_control::Settings;
use dashcam_governor::StepChange;
use dashcam_store::{ChangeKind, SettingsChange, Store};
use serde_json::json;
use tokio::sync::mpsc;

/// Steps that wait for a disk that hangs, at most.
const WAITING: usize = 64;

/// Hands steps over to the one that stores them. Never waits.
#[derive(Debug, Clone)]
pub(crate) struct History(mpsc::Sender<SettingsChange>);

impl History {
    /// A history, and the steps that are to be stored by [`write`].
    pub(crate) fn new() -> (Self, mpsc::Receiver<SettingsChange>) {
        let (steps, waiting) = mpsc::channel(WAITING);
        (Self(steps), waiting)
    }

    /// Has a step stored, beside the settings in force.
    pub(super) fn keep(&self, change: &StepChange, settings: &Settings) {
        let settings = serde_json::to_value(settings).expect("settings are strings and numbers");
        let change = SettingsChange {
            at: change.since,
            who: "budget".to_owned(),
            why: change.because.clone(),
            from: Some(settings.clone()),
            to: settings,
            kind: ChangeKind::Step,
            address: None,
            session: None,
            detail: Some(json!({"step": change.step, "because": change.because})),
        };
        if self.0.try_send(change).is_err() {
            tracing::warn!("a step of the budget is not in the history: too many wait for the disk");
        }
    }
}

/// Stores steps until nobody takes any more.
pub(crate) async fn write(store: Store, mut waiting: mpsc::Receiver<SettingsChange>) {
    while let Some(change) = waiting.recv().await {
        if let Err(error) = store.admin().append_settings(&change).await {
            tracing::warn!(%error, "a step of the budget could not be stored in the history");
        }
    }
}
