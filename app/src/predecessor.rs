//! A dashcam that still ends while the next one starts: a process that was killed holds its files for a moment.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long it is waited for, in all.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How often is looked.
const LOOK: Duration = Duration::from_millis(50);

/// The wait of one start, for all that the predecessor may hold.
#[derive(Debug, Default)]
pub(crate) struct Predecessor {
    since: Option<Instant>,
}

impl Predecessor {
    /// Waits a moment for what another dashcam holds; false once that took too long. The first time the log has a line
    /// about `held`.
    pub(crate) async fn may_end(&mut self, held: &dyn std::fmt::Display) -> bool {
        let since = *self.since.get_or_insert_with(|| {
            tracing::info!("{held}; waiting up to {} s for it to end", LONGEST_WAIT.as_secs());
            Instant::now()
        });
        if since.elapsed() >= LONGEST_WAIT {
            return false;
        }
        sleep(LOOK).await;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_waited_for_ten_seconds_in_all() {
        let mut predecessor = Predecessor::default();
        assert!(predecessor.may_end(&"it is locked").await);
        predecessor.since = Instant::now().checked_sub(LONGEST_WAIT);
        assert!(!predecessor.may_end(&"it is locked still").await);
    }
}
