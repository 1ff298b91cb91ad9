//! Packs the facts of stored exchanges in the background, so that they are found soon: those of a recording that an older
//! dashcam made, and those that come.

use std::time::{Duration, Instant};

use dashcam_store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::governing::Obstacles;

/// Between two steps, so that nothing else waits for long.
const PAUSE: Duration = Duration::from_millis(10);
/// How long it waits where there is nothing to do.
const REST: Duration = Duration::from_secs(1);
/// Steps after which progress is told: about a hundred thousand exchanges.
const TELL: u64 = 100;

/// Works until `stop`. Its failures are told once; nothing depends on it but time.
pub(crate) async fn index(store: Store, obstacles: Obstacles, stop: CancellationToken) {
    let (mut steps, mut began, mut failing) = (0, Instant::now(), false);
    let mut pause = PAUSE;
    while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        if let Some(held) = obstacles.first() {
            store.admin().hold_up(held);
            pause = REST;
            continue;
        }
        let Some(indexed) = stop.run_until_cancelled(store.admin().index()).await else { return };
        let failed_before = std::mem::replace(&mut failing, indexed.is_err());
        pause = if matches!(indexed, Ok(true)) { PAUSE } else { REST };
        match indexed {
            Ok(true) => {
                steps += 1;
                if steps % TELL == 0 {
                    tell(&store).await;
                }
            }
            Ok(false) => {
                if steps >= TELL {
                    let seconds = began.elapsed().as_secs();
                    tracing::info!(segments = steps, seconds, "the recording is indexed");
                }
                (steps, began) = (0, Instant::now());
            }
            // Why is told already, by the pause.
            Err(StoreError::NotOpen { .. }) => {}
            Err(error) if !failed_before => {
                tracing::warn!(%error, "the recording could not be indexed; lists and counts take longer");
            }
            Err(_) => {}
        }
    }
}

async fn tell(store: &Store) {
    if let Ok(indexed) = store.reader().indexed().await
        && let Ok(exchanges) = store.reader().count().await
    {
        tracing::info!(
            indexed,
            exchanges,
            "indexing the recording; until it is done, lists and counts take longer"
        );
    }
}
