//! The only place that spawns: every task is awaited, or ended, at shutdown.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// All tasks of the proxy, and the two stages of their end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    /// Asks for the end: finish what runs, begin nothing new.
    pub(crate) draining: CancellationToken,
    /// Ends at once.
    killed: CancellationToken,
}

impl Tasks {
    /// Runs `task` until it ends or the time to drain is over.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let killed = self.killed.clone();
        self.tracker.spawn(async move {
            tokio::select! {
                () = killed.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// Asks all tasks to end, gives them `grace`, then ends them. False if some had to be ended.
    pub(crate) async fn stop(&self, grace: Duration) -> bool {
        self.tracker.close();
        self.draining.cancel();
        let in_time = tokio::time::timeout(grace, self.tracker.wait()).await.is_ok();
        self.killed.cancel();
        self.tracker.wait().await;
        in_time
    }
}
