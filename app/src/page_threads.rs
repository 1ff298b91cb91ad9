//! The page's threads, behind those that carry traffic and those that record it.

use std::io;

use tokio::runtime::{Builder, Handle, Runtime};

/// How much lower their priority is, as of `nice`: about a tenth of a core is theirs where all are busy.
const NICE: i32 = 10;
/// Nobody is to wait for a watcher who takes much.
const THREADS: usize = 2;

/// A runtime for the page. It is told to end when this is dropped, and nobody waits for it.
pub(crate) struct PageThreads {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl PageThreads {
    /// Starts them; `waiting` more may wait for the disk.
    pub(crate) fn start(waiting: usize) -> io::Result<Self> {
        // Without it the page works all the same.
        let lower = || {
            let _priority = rustix::process::nice(NICE);
        };
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .max_blocking_threads(waiting)
            .thread_name("page")
            .on_thread_start(lower)
            .enable_all()
            .build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for PageThreads {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
