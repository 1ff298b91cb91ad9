//! Server-sent events pass as they are sent: the first reaches the client before the second exists.

use anyhow::{Context as _, Result};
use dashcam_tests::clients::{Way, curl_command};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::same::{direct, through};

async fn first_event_comes_first(way: &Way, origin: &Origin, options: &[&str]) -> Result<Vec<String>> {
    let mut command = curl_command(way, &origin.url("/events"));
    let mut curl = command.arg("--no-buffer").args(options).spawn()?;
    let mut lines = BufReader::new(curl.stdout.take().context("stdout is piped")?).lines();
    let mut got = Vec::new();
    while got.len() < 4 {
        let line =
            within("an event", async { Ok(lines.next_line().await?) }).await?.context("the stream ended")?;
        if line == "data: first" {
            origin.site().open_gate();
        }
        got.push(line);
    }
    Ok(got)
}

async fn check(origin: Origin, options: &[&str]) -> Result<()> {
    let expected = first_event_comes_first(&direct()?, &origin, options).await?;
    assert_eq!(expected, ["data: first", "", "data: second", ""]);
    let dashcam = Dashcam::start(&[]).await?;
    assert_eq!(first_event_comes_first(&through(&dashcam), &origin, options).await?, expected);
    let exchange = dashcam.api().ended("/events").await?;
    let body = dashcam.api().bytes(&format!("/exchanges/{}/response/body", exchange["id"])).await?;
    assert_eq!(String::from_utf8(body)?, "data: first\n\ndata: second\n\n");
    Ok(())
}

#[tokio::test]
async fn http1_plain() -> Result<()> {
    check(Origin::http().await?, &["--http1.1"]).await
}

#[tokio::test]
async fn http1_tls() -> Result<()> {
    check(Origin::https1().await?, &["--http1.1"]).await
}

#[tokio::test]
async fn http2() -> Result<()> {
    check(Origin::https().await?, &["--http2"]).await
}

/// A stream that is under way is in the list already.
#[tokio::test]
async fn an_open_stream_is_visible() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut curl = curl_command(&through(&dashcam), &origin.url("/events")).arg("--no-buffer").spawn()?;
    let mut lines = BufReader::new(curl.stdout.take().context("stdout is piped")?).lines();
    within("the first event", async { Ok(lines.next_line().await?) }).await?;
    eventually("the open exchange is listed", async || {
        let rows = dashcam.api().ending_in("/events").await?;
        Ok(rows.first().filter(|row| row["state"] == "open").map(|_| ()))
    })
    .await?;
    // Everything that it has said so far can be read at once, by the API as by who got it.
    let id = dashcam.api().ending_in("/events").await?[0]["id"].to_string();
    let text = dashcam.api().get(&format!("/exchanges/{id}/response/text")).await?;
    assert_eq!((text["text"].as_str(), &text["note"]), (Some("data: first\n\n"), &serde_json::Value::Null));
    let exchange = dashcam.api().get(&format!("/exchanges/{id}")).await?;
    assert_eq!((&exchange["state"], &exchange["response_body"]["stored"]), (&"open".into(), &13.into()));
    origin.site().open_gate();
    assert_eq!(dashcam.api().ended("/events").await?["state"], "complete");
    Ok(())
}
