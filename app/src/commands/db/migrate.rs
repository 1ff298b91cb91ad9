//! `dashcam db migrate`: an older dashcam's recording, brought up to date at once.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use dashcam_store::{Backfill, Store, maintenance};

use crate::row::progress;
use crate::terminal::print_line;

/// How often progress is shown.
const SHOW: Duration = Duration::from_secs(1);

/// Does all that `dashcam serve` does in the background. It can be interrupted: the next one goes on from there.
pub(super) async fn migrate(path: &Path) -> Result<()> {
    let before = maintenance::schema(path)?;
    let store = Store::open(path).await?;
    let done = all(&store).await;
    store.close().await;
    done?;
    let now = maintenance::schema(path)?;
    print_line(&match before == now {
        true => format!("{} is up to date: schema {now}", path.display()),
        false => format!("{} is up to date: schema {now}, it was {before}", path.display()),
    })
}

async fn all(store: &Store) -> Result<()> {
    let mut shown = Instant::now();
    while store.admin().backfill().await? || store.admin().index().await? {
        if shown.elapsed() >= SHOW {
            let left = store.reader().backfills().await?;
            let shares = left.iter().map(|Backfill { name, done, total, .. }| progress(name, *done, *total));
            eprintln!("{}", shares.collect::<Vec<_>>().join("; "));
            shown = Instant::now();
        }
    }
    Ok(())
}
