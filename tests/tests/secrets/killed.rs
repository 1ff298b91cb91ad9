//! dashcam killed at random moments in the middle of the traffic: its files hold no secret, before and after it starts
//! again.

use anyhow::Result;
use dashcam_secrets::random::Random;

use crate::left;
use crate::report::Report;
use crate::run::{Corpus, Run};

/// How often it is killed.
const TIMES: u64 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_at_any_moment_leaves_no_secret() -> Result<()> {
    let (mut report, mut random) = (Report::default(), Random::seeded("killed", 0));
    for time in 0..TIMES {
        // Each time on two ways, with secrets of their own.
        let (corpus, home) = (Corpus::new(100 + time * 2..102 + time * 2)?, tempfile::tempdir()?);
        let mut run = Run::start(home.path(), &corpus, &[]).await?;
        let mut sending = run.send(&corpus);
        let alive = random.below(corpus.cases.len() * 4 / 5);
        for _ in 0..alive {
            // The kill cuts some of those that come later off, so that they are not looked at.
            if let Some(Ok(Err(error))) = sending.join_next().await {
                return Err(error);
            }
        }
        run.dashcam.kill().await?;
        sending.shutdown().await;
        left::files(home.path(), "after a kill", &corpus, &mut report)?;
        let mut again = Run::start(home.path(), &corpus, &[]).await?;
        left::handed_out(&again.dashcam.api(), &corpus, &mut report).await?;
        again.dashcam.stop().await?;
        left::files(home.path(), "after a kill and a start", &corpus, &mut report)?;
    }
    report.finish("killed")
}
