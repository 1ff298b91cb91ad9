//! The signals that end dashcam, and that stop a command.

use std::time::Duration;

use anyhow::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

/// SIGTERM and SIGINT.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for one of them.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// SIGINT, which stops a command between two steps of its work. While it lives, the signal does not end the process.
pub(crate) struct Interrupt {
    signal: Signal,
    came: bool,
}

impl Interrupt {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { signal: signal(SignalKind::interrupt())?, came: false })
    }

    /// Waits for it; returns at once if it came before.
    pub(crate) async fn came(&mut self) {
        if !self.came {
            self.signal.recv().await;
            self.came = true;
        }
    }

    /// Returns whether it came.
    pub(crate) async fn has_come(&mut self) -> bool {
        timeout(Duration::ZERO, self.came()).await.is_ok()
    }
}
