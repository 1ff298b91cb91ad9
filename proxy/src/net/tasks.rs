//! The only registration that spawns: every task is awaited, or ended, at shutdown.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::net::wakers::{Registration, Wakers};

/// All tasks of the proxy, and the two stages of their end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    /// Asks for the end: finish what runs, begin nothing new.
    pub(crate) draining: CancellationToken,
    is_draining: Arc<AtomicBool>,
    /// Ends at once.
    killed: Arc<AtomicBool>,
    wakers: Wakers,
}

impl Tasks {
    /// Runs `task` until it ends or the time to drain is over. It is woken when draining begins and at every
    /// [`Tasks::wake_all`].
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(self.task(task));
    }

    /// The same, in another runtime.
    pub(crate) fn spawn_on(&self, task: impl Future<Output = ()> + Send + 'static, runtime: &Handle) {
        self.tracker.spawn_on(self.task(task), runtime);
    }

    fn task<F>(&self, task: F) -> Task<F> {
        Task { task, killed: Arc::clone(&self.killed), wakers: self.wakers.clone(), registration: None }
    }

    /// Returns whether the end was asked for.
    pub(crate) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Acquire)
    }

    /// Lets every task look again at the flags that it goes by.
    pub(crate) fn wake_all(&self) {
        self.wakers.wake_all();
    }

    /// Asks all tasks to end, gives them `grace`, then ends them. False if some had to be ended.
    pub(crate) async fn stop(&self, grace: Duration) -> bool {
        self.tracker.close();
        self.is_draining.store(true, Ordering::Release);
        self.draining.cancel();
        self.wakers.wake_all();
        let in_time = tokio::time::timeout(grace, self.tracker.wait()).await.is_ok();
        self.killed.store(true, Ordering::Release);
        self.wakers.wake_all();
        self.tracker.wait().await;
        in_time
    }
}

pin_project! {
    struct Task<F> {
        #[pin]
        task: F,
        killed: Arc<AtomicBool>,
        wakers: Wakers,
        registration: Option<Registration>,
    }
}

impl<F: Future<Output = ()>> Future for Task<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        // A task has one waker all its life: it is left once. Before the flag is read, so that no ring is missed.
        if this.registration.is_none() {
            *this.registration = Some(this.wakers.register(cx.waker()));
        }
        if this.killed.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        this.task.poll(cx)
    }
}
