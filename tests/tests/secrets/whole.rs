//! The whole corpus at full speed: nothing of it is left anywhere, while it passes and afterwards.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::api::Api;
use serde_json::{Value, json};

use crate::left::{self, Live};
use crate::record;
use crate::report::Report;
use crate::run::{Corpus, Run};

/// Rounds of the corpus: each way once, with other secrets each time.
const ROUNDS: std::ops::Range<u64> = 0..4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_left_and_all_else_is() -> Result<()> {
    let (corpus, home, mut report) = (Corpus::new(ROUNDS)?, tempfile::tempdir()?, Report::default());
    let mut run = Run::start(home.path(), &corpus, &[]).await?;
    let api = run.dashcam.api();
    let live = Live::watch(api.socket()).await?;

    let (mut sending, passed) = (run.send(&corpus), AtomicBool::new(false));
    let send = async {
        while let Some(sent) = sending.join_next().await {
            sent??;
        }
        passed.store(true, Ordering::Relaxed);
        anyhow::Ok(())
    };
    let look = async {
        while !passed.load(Ordering::Relaxed) {
            left::under_way(&api, &corpus, &mut report).await?;
            left::files(home.path(), "under way", &corpus, &mut report)?;
            // Reading must not be all that two threads do.
            tokio::task::yield_now().await;
        }
        anyhow::Ok(())
    };
    tokio::try_join!(send, look).with_context(|| run.dashcam.log())?;
    run.stored().await?;

    let rows = left::rows(&api).await?;
    ensure!(rows.len() >= corpus.cases.len(), "{} exchanges of {}", rows.len(), corpus.cases.len());
    let checked =
        record::check(&api, &rows, &corpus, &mut report).await.with_context(|| run.dashcam.log())?;
    ensure!(checked >= corpus.cases.len() - UNREAD, "{checked} exchanges of {}", corpus.cases.len());
    replay(&api, &rows).await?;
    run.stored().await?;
    left::handed_out(&api, &corpus, &mut report).await?;
    ensure!(live.look(&corpus, &mut report) > 100_000, "the live feed is almost empty");
    run.dashcam.stop().await?;
    left::files(home.path(), "at the end", &corpus, &mut report)?;
    report.finish("whole")
}

/// Exchanges whose request can't be read as the corpus has it: a proxy may refuse credentials in a URL.
const UNREAD: usize = 8;

/// Sends some again: what is sealed is not put back, and is not left by that either.
async fn replay(api: &Api, rows: &[Value]) -> Result<()> {
    let whole = rows.iter().filter(|row| row["state"] == "complete" && row["status"] == 200);
    for row in whole.step_by(20) {
        let answer = api.call("POST", &format!("/exchanges/{}/replay", row["id"]), &json!({})).await?;
        let status = answer.head.status()?;
        ensure!(matches!(status, 201 | 409 | 422), "{}", String::from_utf8_lossy(&answer.body));
    }
    Ok(())
}
