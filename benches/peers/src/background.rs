//! Threads that work when nothing else does.

use tokio::runtime::{Builder, Runtime};

/// How much lower their priority is, as of `nice`.
const NICE: i32 = 15;

/// A thread for what stands for other machines: its own work is not to take the processor from the proxy.
pub(super) fn runtime() -> std::io::Result<Runtime> {
    let lower = || {
        // Without it, figures are only less quiet.
        let _priority = rustix::process::nice(NICE);
    };
    Builder::new_multi_thread().worker_threads(1).on_thread_start(lower).enable_all().build()
}
