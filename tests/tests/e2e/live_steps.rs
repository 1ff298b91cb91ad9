//! Steps of the budget on the live feed.

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::load::Load;
use dashcam_tests::origin::Origin;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::UnixStream;

/// Looks often, so that the test need not wait.
const QUICK: &str = "[budget]\nlook = \"50ms\"\ndown_after = 2\nup_after = \"200ms\"\n";

/// The live feed, over the control socket.
struct Feed(Lines<BufReader<UnixStream>>);

impl Feed {
    async fn open(dashcam: &Dashcam) -> Result<Self> {
        let mut io = UnixStream::connect(dashcam.home().join("control.sock")).await?;
        io.write_all(b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
        let mut feed = Self(BufReader::new(io).lines());
        let first = feed.line().await?;
        ensure!(first.starts_with("HTTP/1.1 200"), "{first}");
        Ok(feed)
    }

    async fn line(&mut self) -> Result<String> {
        within("a line of the feed", async { self.0.next_line().await?.context("the feed ended") }).await
    }

    /// The steps that it tells of, up to `last`.
    async fn steps_until(&mut self, last: &str) -> Result<Vec<Value>> {
        let mut steps = Vec::new();
        loop {
            if self.line().await? != "event: step" {
                continue;
            }
            let data = self.line().await?;
            let step: Value = serde_json::from_str(data.strip_prefix("data: ").context("no data")?)?;
            let is_last = step["step"] == last;
            steps.push(step);
            if is_last {
                return Ok(steps);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_is_told_of_steps_down_and_up() -> Result<()> {
    // No machine records for so little.
    let dashcam = Dashcam::start_with(QUICK, &["--budget", "cpu=0.1%"]).await?;
    let origin = Origin::http().await?;
    let mut feed = Feed::open(&dashcam).await?;
    let load = Load::start(dashcam.proxy(), &origin, 4, 100_000);
    let down = feed.steps_until("metrics").await?;
    let because = down[0]["because"].as_str().unwrap_or_default();
    ensure!(
        down[0]["step"] != "full" && because.contains("of the CPUs, and the budget is 0.1 %"),
        "{down:?}"
    );
    load.stop().await?;
    let up = feed.steps_until("full").await?;
    ensure!(up.iter().all(|step| !step["because"].is_null() && !step["since"].is_null()), "{up:?}");
    eventually("the status has the step that the feed told last", async || {
        let budget = dashcam.api().get("/status").await?["budget"].take();
        Ok((budget["since"] == up.last().context("a step")?["since"]).then_some(()))
    })
    .await
}
