//! The flight recorder's ring, which keeps what the rules do not: no secret is in it, nor in a snapshot of it, nor in what is
//! recovered of it after a kill.

use anyhow::Result;
use dashcam_tests::eventually::eventually;
use serde_json::json;

use crate::left;
use crate::record;
use crate::report::Report;
use crate::run::{Corpus, Run};

const FLIGHT: [&str; 6] = ["--record", "metrics", "--flight", "120s,64MB", "--flight-after", "200ms"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ring_and_its_snapshot_have_no_secret() -> Result<()> {
    let (corpus, home, mut report) = (Corpus::new(200..203)?, tempfile::tempdir()?, Report::default());
    let mut run = Run::start(home.path(), &corpus, &FLIGHT).await?;
    let api = run.dashcam.api();
    let mut sending = run.send(&corpus);
    while let Some(sent) = sending.join_next().await {
        sent??;
    }
    left::files(home.path(), "ring", &corpus, &mut report)?;
    api.call("POST", "/snapshots", &json!({})).await?;
    eventually("the snapshot is stored", async || {
        let all = api.get("/snapshots").await?;
        Ok((all["snapshots"][0]["state"] == "stored").then_some(()))
    })
    .await?;
    let rows = left::rows(&api).await?;
    assert!(record::check(&api, &rows, &corpus, &mut report).await? > 0, "nothing is in the snapshot");
    left::handed_out(&api, &corpus, &mut report).await?;
    run.dashcam.kill().await?;
    left::files(home.path(), "ring after a kill", &corpus, &mut report)?;
    report.finish("ring")
}
