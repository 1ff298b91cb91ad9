//! The signals that end dashcam, that switch recording, and that stop a command.

use std::time::Duration;

use anyhow::Result;
use dashcam_changes::{Author, Changes};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

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

/// SIGUSR1, which switches recording off, and on again.
pub(crate) struct Toggle(Signal);

impl Toggle {
    /// From now on the signal does not end the process.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(signal(SignalKind::user_defined1())?))
    }

    /// Switches with each signal, until `stop`.
    pub(crate) async fn run(mut self, changes: Changes, stop: CancellationToken) {
        while let Some(Some(())) = stop.run_until_cancelled(self.0.recv()).await {
            match changes.toggle(Author::named("signal")).await {
                Ok(keeping) => keeping.unattended(),
                Err(refused) => tracing::error!("SIGUSR1 could not switch recording: {refused}"),
            }
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
