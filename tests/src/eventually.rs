//! Waiting for a condition, with a deadline.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long a test waits for something that should happen at once. Long, because the machine may be busy;
/// a test that passes never waits for it.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// Asks `condition` again and again until it yields something, and fails with `what` after [`DEADLINE`].
///
/// # Errors
/// When the deadline has passed, or `condition` itself fails.
pub async fn eventually<T>(what: &str, mut condition: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = condition().await? {
            return Ok(found);
        }
        if start.elapsed() > DEADLINE {
            bail!("waited {DEADLINE:?} in vain: {what}");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Awaits `future`, and fails with `what` after [`DEADLINE`].
///
/// # Errors
/// When the deadline has passed, or the future itself fails.
pub async fn within<T>(what: &str, future: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(DEADLINE, future).await {
        Ok(result) => result,
        Err(_) => bail!("waited {DEADLINE:?} in vain: {what}"),
    }
}
