//! `dashcam archive`: old exchanges, moved to a database of their own while recording goes on.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use dashcam_exchange::{ExchangeId, State, Summary, Timestamp};
use dashcam_store::{Archive, Start, Store};
use dashcam_views::search::Search;
use hyper::Method;
use serde_json::json;

use crate::access::Access;
use crate::cli::ArchiveArgs;
use crate::home::Home;
use crate::terminal::print_line;
use crate::{database, filter};

/// The most exchanges of one step, and the most bytes of their bodies.
const EXCHANGES: usize = 256;
const BYTES: u64 = 8 << 20;

/// Moves them in steps: each is on the archive's disk before it is deleted from the recording.
pub(crate) async fn archive(home: &Home, db: Option<PathBuf>, args: ArchiveArgs) -> Result<()> {
    let access = Access::of(home, db).await?;
    let recording = match &access {
        Access::Own(store) => store.clone(),
        Access::Instance(client) => {
            let status = client.get("/status").await?;
            let path = status["database"]["path"]
                .as_str()
                .context("the running dashcam does not report its database")?;
            Store::open_read_only(Path::new(path)).await?
        }
    };
    refuse_itself(recording.path(), &args.to)?;
    let archive = Archive::open(&args.to, recording.path()).await;
    let mut archive = archive.with_context(|| args.to.display().to_string())?;
    let before = Timestamp(args.before.as_microsecond());
    let reader = recording.reader().clone();
    let decoders = database::decoders(home, &reader)?;
    let filter = filter::read(&reader, &args.filter).await?;
    let search = Search { reader, decoders, filter };
    let (mut next, mut moved, mut stay) = (Some(Start::OLDEST), 0, 0);
    while let Some(start) = next {
        let found = search.page(start, EXCHANGES, None).await?;
        // Numbers ascend with time, or nearly so: a whole page is too young, and so is what follows.
        next = found.next.filter(|_| found.rows.iter().any(|row| row.started_at < before));
        let old = found.rows.iter().filter(|row| row.started_at < before && row.state != State::Open);
        let (pinned, others): (Vec<_>, Vec<_>) = old.partition(|row| row.pinned && !args.pinned);
        stay += pinned.len();
        for step in steps(&others) {
            let stopped = || format!("{}: stopped after {moved} exchanges", args.to.display());
            archive.copy(&step).with_context(stopped)?;
            moved += delete(&access, step, args.pinned).await?;
        }
    }
    archive.finish(before)?;
    recording.close().await;
    let pinned =
        if stay > 0 { format!("; {stay} are pinned and stay (--pinned moves them)") } else { String::new() };
    print_line(&format!("{moved} exchanges moved to {}{pinned}", args.to.display()))
}

/// Parts of a page, each of which is moved at once.
fn steps(rows: &[&Summary]) -> Vec<Vec<ExchangeId>> {
    let (mut steps, mut bytes): (Vec<Vec<ExchangeId>>, u64) = (Vec::new(), u64::MAX);
    for row in rows {
        bytes = bytes.saturating_add(row.request_size + row.response_size);
        match steps.last_mut() {
            Some(step) if bytes <= BYTES => step.push(row.id),
            _ => {
                steps.push(vec![row.id]);
                bytes = row.request_size + row.response_size;
            }
        }
    }
    steps
}

async fn delete(access: &Access, ids: Vec<ExchangeId>, pinned: bool) -> Result<u64> {
    match access {
        Access::Own(store) => Ok(store.admin().delete_these(ids, pinned).await?),
        Access::Instance(client) => {
            let ids: Vec<i64> = ids.into_iter().map(|id| id.0).collect();
            let call = json!({"ids": ids, "pinned": pinned});
            let answer = client.call(Method::POST, "/exchanges/delete", Some(call)).await?;
            answer["deleted"]
                .as_u64()
                .context("the running dashcam does not report how many exchanges it deleted")
        }
    }
}

fn refuse_itself(recording: &Path, to: &Path) -> Result<()> {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    if real(to).is_some() && real(to) == real(recording) {
        bail!("{} is the recording itself: choose another file with --to", to.display());
    }
    Ok(())
}
