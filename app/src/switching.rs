//! The tasks that switch recording beside the API: SIGUSR1, `config.toml`, the ends of leases, and the writer of the
//! history.

use std::sync::Arc;
use std::time::Duration;

use dashcam_changes::Changes;
use dashcam_control::Control;
use dashcam_store::Store;
use dashcam_web_ui::dto::ConfigFile;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config_watch::{Beside, ConfigWatch};
use crate::options::{BudgetOptions, Options};
use crate::signals::Toggle;

/// How long leases of the last start may take to be read.
const RESTORE: Duration = Duration::from_secs(1);
/// How long the history may take to be written at the end.
const FLUSH: Duration = Duration::from_secs(2);

/// The tasks, and what they share with the API.
pub(crate) struct Switching {
    pub(crate) changes: Changes,
    /// How `config.toml` stands.
    pub(crate) config: watch::Receiver<ConfigFile>,
    /// Each budget that comes into force.
    pub(crate) budgets: watch::Receiver<BudgetOptions>,
    stop: CancellationToken,
    switching: Vec<JoinHandle<()>>,
    keeping: JoinHandle<()>,
}

impl Switching {
    /// Begins to switch what `control` has in force.
    pub(crate) fn start(
        (control, store, beside): (Arc<Control>, Store, Beside),
        toggle: Toggle,
        options: &Options,
        tasks: &TaskTracker,
    ) -> Self {
        let reader = store.reader().clone();
        let (changes, history) = Changes::new(control, store);
        let (budgets, redacting) = (beside.budgets(), beside.redacting());
        let (watch, config) = ConfigWatch::new(options, changes.clone(), beside);
        let stop = CancellationToken::new();
        let switching = vec![
            tasks.spawn(toggle.run(changes.clone(), stop.clone())),
            tasks.spawn(watch.run(stop.clone())),
            tasks.spawn(mind_leases(changes.clone(), stop.clone())),
            tasks.spawn(redacting.clone().watch_seals(reader, stop.clone())),
            tasks.spawn(redacting.follow_settings(stop.clone())),
        ];
        Self { changes, config, budgets, stop, switching, keeping: tasks.spawn(history.run()) }
    }

    /// Lets leases of the last start that are to go on do so, before traffic comes. A disk that hangs is not waited for:
    /// then they do as soon as it answers.
    pub(crate) async fn restore_leases(&self) {
        match timeout(RESTORE, self.changes.restore_leases()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "leases can't be read yet"),
            Err(_) => tracing::debug!("leases can't be read in time"),
        }
    }

    /// Switches no more, and waits until the history has all changes. The API must have ended.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        for task in self.switching {
            if let Err(error) = task.await {
                tracing::error!(%error, "a part failed at the end");
            }
        }
        drop(self.changes);
        if timeout(FLUSH, self.keeping).await.is_err() {
            tracing::warn!("the last changes of the settings could not be stored in time");
        }
    }
}

/// Ends leases that are used up, until `stop`.
async fn mind_leases(changes: Changes, stop: CancellationToken) {
    stop.run_until_cancelled(changes.mind_leases()).await;
    changes.note_leases();
}
