//! The toggle: off leaves no trace and decrypts nothing, and every level keeps what it says.

use anyhow::Result;
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::{raw, test_ca};
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use crate::same::{direct, through};

/// Exchanges in the store: counted once a later one, recorded at `full`, is there, because records come in order.
async fn assert_unrecorded(dashcam: &Dashcam, origin: &Origin, targets: &[&str]) -> Result<()> {
    dashcam.api().change(&json!({"level": "full"})).await?;
    ask("curl --http1.1", &through(dashcam), &[Ask::get(origin.url("/json?marker"))]).await?;
    dashcam.api().ended("/json?marker").await?;
    for target in targets {
        assert_eq!(origin.site().seen_for(target).len(), 1, "{target} did not reach the origin");
        assert!(dashcam.api().ending_in(target).await?.is_empty(), "{target} was recorded while off");
    }
    Ok(())
}

#[tokio::test]
async fn off_shows_the_origins_own_certificate() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&["--record", "off"]).await?;
    let authority = format!("localhost:{}", origin.port());
    let io = raw::tunnel(dashcam.proxy(), &authority).await?;
    let mut io = raw::tls(io, &test_ca::shared()?.file(), "localhost").await?;
    assert_eq!(raw::get(&mut io, "/json?off", &authority).await?.head.status()?, 200);
    assert_unrecorded(&dashcam, &origin, &["/json?off"]).await
}

#[tokio::test]
async fn off_passes_plain_requests_unrecorded() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--record", "off"]).await?;
    let asks = [
        Ask::get(origin.url("/json?off")),
        Ask::get(origin.url("/chunked?off")),
        Ask::get(origin.url("/headers?off")),
    ];
    let got = ask("http.client", &through(&dashcam), &asks).await?;
    let expected = ask("http.client", &direct()?, &asks).await?;
    crate::same::assert_same_answers(&expected, &got);
    assert_eq!(dashcam.api().get("/status").await?["ledger"]["not_recorded"], 3);
    dashcam.api().change(&json!({"level": "full"})).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/json?marker"))]).await?;
    dashcam.api().ended("/json?marker").await?;
    assert_eq!(dashcam.api().get("/exchanges").await?["exchanges"].as_array().map(Vec::len), Some(1));
    Ok(())
}

/// A dead upstream is a 502 to the CONNECT itself, because with `off` nothing else could tell the client.
#[tokio::test]
async fn off_dials_before_it_grants_a_tunnel() -> Result<()> {
    let dashcam = Dashcam::start(&["--record", "off"]).await?;
    let (_bound, dead) = Origin::dead()?;
    let (head, _io) = raw::connect(dashcam.proxy(), &dead.to_string()).await?;
    assert_eq!(head.status()?, 502);
    Ok(())
}

/// Switching off drains what is decrypted: the next response says so, and the connection after it is a tunnel.
#[tokio::test]
async fn switching_off_drains_decrypted_connections_and_on_records_again() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let authority = format!("localhost:{}", origin.port());
    let open = async || raw::tunnel(dashcam.proxy(), &authority).await;
    let mut io = raw::tls(open().await?, &dashcam.ca(), "localhost").await?;
    assert_eq!(raw::get(&mut io, "/json?on", &authority).await?.head.status()?, 200);
    dashcam.api().ended("/json?on").await?;

    dashcam.api().change(&json!({"level": "off", "why": "the test says so"})).await?;
    let drained = raw::get(&mut io, "/json?drained", &authority).await?;
    assert_eq!(drained.head.field("connection").map(str::to_ascii_lowercase).as_deref(), Some("close"));
    let mut rest = Vec::new();
    within("the connection closes", async { Ok(io.read_to_end(&mut rest).await?) }).await?;
    assert!(rest.is_empty());
    let mut unread = raw::tls(open().await?, &test_ca::shared()?.file(), "localhost").await?;
    assert_eq!(raw::get(&mut unread, "/json?off", &authority).await?.head.status()?, 200);

    dashcam.api().change(&json!({"level": "full"})).await?;
    // A tunnel that is open stays one: nobody can decrypt it any more.
    assert_eq!(raw::get(&mut unread, "/json?still-off", &authority).await?.head.status()?, 200);
    let mut again = raw::tls(open().await?, &dashcam.ca(), "localhost").await?;
    assert_eq!(raw::get(&mut again, "/json?on-again", &authority).await?.head.status()?, 200);
    dashcam.api().ended("/json?on-again").await?;
    for unrecorded in ["/json?off", "/json?still-off", "/json?drained"] {
        assert!(dashcam.api().ending_in(unrecorded).await?.is_empty(), "{unrecorded} was recorded while off");
    }
    let history = dashcam.api().get("/settings/history").await?;
    assert_eq!(history["changes"][1]["why"], "the test says so");
    Ok(())
}

#[tokio::test]
async fn metadata_keeps_heads_and_no_bodies() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&["--record", "metadata"]).await?;
    let post =
        Ask { method: "POST", body: Some("secret".to_owned()), ..Ask::get(origin.url("/digest?meta")) };
    let got = ask("curl --http1.1", &through(&dashcam), &[post]).await?.remove(0);
    assert_eq!(got.status, 200);
    let exchange = dashcam.api().ended("/digest?meta").await?;
    assert_eq!((&exchange["level"], &exchange["status"]), (&json!("metadata"), &json!(200)));
    assert_eq!(
        (&exchange["request_body"]["size"], &exchange["request_body"]["stored"]),
        (&json!(6), &json!(0))
    );
    assert_eq!(exchange["response_body"]["size"], got.body.len());
    assert_eq!(exchange["response_body"]["stored"], 0);
    for side in ["request", "response"] {
        let path = format!("/exchanges/{}/{side}/body", exchange["id"]);
        let answer = dashcam.api().call("GET", &path, &serde_json::Value::Null).await?;
        assert_eq!(answer.head.status()?, 404);
    }
    Ok(())
}

#[tokio::test]
async fn the_level_survives_a_restart() -> Result<()> {
    let home = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    dashcam.api().change(&json!({"level": "off"})).await?;
    dashcam.stop().await?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    assert_eq!(dashcam.api().get("/settings").await?["level"], "off");
    Ok(())
}
