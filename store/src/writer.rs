//! The one connection that writes, on a thread of its own: nothing that it does waits for a runtime, nor a runtime
//! for it. docs/decisions/0004-writing-with-rusqlite.md says why it is not sqlx's.

use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use crate::StoreError;
use crate::cpu_time::CpuTime;
use crate::state::WriterState;

/// Jobs that wait for the thread; the recorder hands over one batch at a time, others come seldom.
const JOBS: usize = 16;

type Job = Box<dyn FnOnce(&mut WriterState) + Send>;

/// Hands jobs to the thread. Nobody else writes while it lives: the thread holds the lock of the file.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts the thread, whose work is accounted in `cpu_time`.
    pub(crate) fn start(state: WriterState, cpu_time: CpuTime) -> std::io::Result<Self> {
        let (jobs, mut waiting) = mpsc::channel::<Job>(JOBS);
        let work = move || {
            let mut state = state;
            while let Some(job) = waiting.blocking_recv() {
                cpu_time.of(|| job(&mut state));
            }
            cpu_time.of(|| state.close());
        };
        let thread = std::thread::Builder::new().name("store".to_owned()).spawn(work)?;
        Ok(Self { jobs, thread })
    }

    /// Has the thread do `job`, after those that came before. Once it was handed over it is done, even if nobody
    /// waits for its result any more.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut WriterState) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (done, result) = oneshot::channel();
        // An error means that nobody waits.
        let job: Job = Box::new(move |state| drop(done.send(job(state))));
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        result.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Lets the thread finish what was handed to it, and close the database.
    pub(crate) async fn close(self) {
        let Self { jobs, thread } = self;
        drop(jobs);
        // A panic there was told of when it happened.
        let _ = tokio::task::spawn_blocking(|| thread.join()).await;
    }
}
