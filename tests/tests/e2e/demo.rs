//! `dashcam demo`: traffic of every kind is in the store within a deadline, and SIGTERM ends it.

use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::api::Api;
use dashcam_tests::dashcam::cli;
use dashcam_tests::eventually::{eventually, within};
use tokio::process::Command;

/// A filter for each kind of traffic.
const KINDS: [&str; 27] = [
    "host:api.shop.test path:/v1/products status:200",
    "path:/v1/products/ status:404",
    "path:/v1/products/ status:304",
    "method:POST path:/v1/orders status:201",
    "status:500",
    "status:503",
    "path:/v1/payments status:200",
    "path:/v1/reports/sales dur:>1s",
    "path:/reviews status:200",
    "path:/v1/categories status:200",
    "host:shop.test type:text/html",
    "host:shop.test type:css",
    "host:shop.test type:image/png",
    "host:shop.test type:svg",
    "host:shop.test status:301 scheme:http",
    "path:/login method:POST status:303",
    "path:/oauth/token status:200",
    "path:/v1/photos method:POST status:201",
    "path:/v1/exports/orders.csv",
    "path:/v1/exports/events.ndjson",
    "path:/v1/stock/events state:complete",
    "host:chat.shop.test status:101",
    "path:/graphql status:200",
    "host:grpc.shop.test path:/Watch status:200",
    "host:llm.shop.test path:/v1/chat/completions",
    "path:/v1/catalog size:>1MB",
    "host:warehouse.shop.test state:failed",
];

#[tokio::test]
async fn one_of_each_kind_is_recorded_and_sigterm_ends_it() -> Result<()> {
    let home = tempfile::tempdir()?;
    let mut command = cli(home.path())?;
    command.args(["demo", "-p", "0", "--web-port", "0", "--no-open"]);
    let demo = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
    let api = Api::of(home.path());
    for kind in KINDS {
        let found = async || {
            let query: String = kind.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let Ok(found) = api.get(&format!("/exchanges?limit=1&filter={query}")).await else {
                return Ok(None);
            };
            Ok(found["exchanges"].as_array().is_some_and(|found| !found.is_empty()).then_some(()))
        };
        eventually(kind, found).await?;
    }
    let distrusts = |row: &serde_json::Value| {
        row["failure"]["message"].as_str().is_some_and(|text| text.contains("rejected dashcam's certificate"))
    };
    api.connection("a client that does not trust dashcam", distrusts).await?;

    // No secret of the made-up clients is in what was recorded.
    let orders = api.get("/exchanges?limit=1&filter=path%3A/v1/orders").await?;
    let id = orders["exchanges"][0]["id"].as_u64().context("an order")?;
    let order = api.get(&format!("/exchanges/{id}/request/body")).await?.to_string();
    ensure!(!order.contains("4242424242424242"), "the card's number is recorded: {order}");

    let pid = demo.id().context("it has ended")?.to_string();
    Command::new("kill").args(["-TERM", &pid]).status().await?;
    let output =
        within("the demonstration ends after SIGTERM", async { Ok(demo.wait_with_output().await?) }).await?;
    ensure!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(said.contains("the page is on http://") && said.contains("curl --proxy http://"), "{said}");

    // It does not go on in a recording that is there.
    let again = async { Ok(cli(home.path())?.args(["demo", "--no-open"]).output().await?) };
    let refused = within("the demonstration refuses a recording", again).await?;
    let why = String::from_utf8_lossy(&refused.stderr);
    ensure!(refused.status.code() == Some(2) && why.contains("is a recording already"), "{refused:?}");
    Ok(())
}
