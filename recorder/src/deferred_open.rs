//! The store that could not be opened at the start: it is tried again until it can be.

use std::fmt::Display;
use std::sync::atomic::Ordering;

use dashcam_exchange::LastIds;
use tokio::time::sleep;

use crate::pause::By;
use crate::writer::{FIRST_WAIT, LONGEST_WAIT};
use crate::{Refusal, Writer, now};

impl Writer {
    /// Tries `open`, which has failed before, until it says which numbers the store has used: recording is
    /// paused until then. False if the recorder was closed before; then there was one more try, and nothing is there
    /// to be stored. To be run before [`Writer::run`], of a recorder that waits for its store.
    pub async fn open<F, Fut, E>(&mut self, mut open: F, refusal: fn(&E) -> Refusal) -> bool
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<LastIds, E>>,
        E: Display,
    {
        let mut wait = FIRST_WAIT;
        loop {
            tokio::select! {
                () = sleep(wait) => wait = (wait * 2).min(LONGEST_WAIT),
                () = self.shared.close.notified() => self.records.close(),
            }
            self.shared.storing_since.store(now().0, Ordering::Relaxed);
            let opened = open().await;
            self.shared.storing_since.store(0, Ordering::Relaxed);
            match opened {
                Ok(last) => {
                    self.shared.numbers.go_on_from(last);
                    self.shared.pausing.resume(By::Writer);
                    return true;
                }
                Err(error) => {
                    self.shared.pausing.pause(By::Writer, refusal(&error).reason, error.to_string());
                }
            }
            if self.records.is_closed() {
                return false;
            }
        }
    }
}
