//! Brings the rows of an older recording up to date in the background: what its migrations have left.

use std::time::{Duration, Instant};

use dashcam_store::{Backfill, ReadError, Store};
use tokio_util::sync::CancellationToken;

use crate::governing::Obstacles;

/// Between two steps, at least: it rests as long as it works.
const PAUSE: Duration = Duration::from_millis(10);
/// How long it waits where it can do nothing.
const REST: Duration = Duration::from_secs(1);

/// A backfill that goes on.
struct UnderWay {
    name: String,
    began: Instant,
    /// The longest step.
    longest: Duration,
    /// That it fails was told.
    failing: bool,
}

/// Works until nothing is left, or until `stop`.
pub(crate) async fn backfill(store: Store, obstacles: Obstacles, stop: CancellationToken) {
    let (mut under_way, mut pause): (Option<UnderWay>, _) = (None, PAUSE);
    while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        pause = REST;
        // Where the store is not open or does not answer, the pause of recording says why.
        let Ok(left) = left(&store).await else { continue };
        if let Some(done) = under_way.take_if(|one| left.as_ref().is_none_or(|left| left.name != one.name)) {
            done.tell();
        }
        let Some(left) = left else { return };
        let going = under_way.get_or_insert_with(|| UnderWay::begin(&left));
        if let Some(held) = obstacles.first() {
            store.admin().hold_up(held);
            continue;
        }
        let began = Instant::now();
        let Some(stepped) = stop.run_until_cancelled(store.admin().backfill()).await else { return };
        let failed_before = std::mem::replace(&mut going.failing, stepped.is_err());
        match stepped {
            Ok(true) => {
                going.longest = going.longest.max(began.elapsed());
                pause = PAUSE.max(began.elapsed());
            }
            Err(error) if !failed_before => {
                tracing::warn!(%error, backfill = going.name, "background work on the recording waits");
            }
            Ok(false) | Err(_) => {}
        }
    }
}

/// The first backfill that a migration has left.
async fn left(store: &Store) -> Result<Option<Backfill>, ReadError> {
    let all = store.reader().backfills().await?;
    Ok(all.into_iter().find(|backfill| backfill.name != Backfill::SEGMENTS))
}

impl UnderWay {
    fn begin(left: &Backfill) -> Self {
        let exchanges = left.total - left.done;
        tracing::info!(
            backfill = left.name,
            exchanges,
            "the recording is brought up to date in the background; `dashcam status` shows how far it is"
        );
        Self { name: left.name.clone(), began: Instant::now(), longest: Duration::ZERO, failing: false }
    }

    fn tell(self) {
        let (seconds, longest_ms) = (self.began.elapsed().as_secs(), self.longest.as_millis());
        tracing::info!(backfill = self.name, seconds, longest_ms, "the recording is up to date");
    }
}
