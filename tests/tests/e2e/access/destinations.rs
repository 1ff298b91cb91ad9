//! `--deny-private` and `--connect-ports`: where clients may go.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::Message;
use serde_json::{Value, json};

use super::{connect, get, get_through, text};

fn assert_denied(got: &Message) -> Result<()> {
    assert_eq!(got.head.status()?, 403, "{}", text(got));
    assert_eq!(got.head.field("proxy-status"), Some("dashcam; error=destination_ip_prohibited"));
    Ok(())
}

#[tokio::test]
async fn private_destinations_are_refused_under_whatever_name() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--deny-private"]).await?;
    let port = origin.port();
    for host in ["127.0.0.1", "localhost", "127.1.2.3", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "0.0.0.0"]
    {
        let path = format!("/json?host={}", host.len());
        let mut io = raw::open(dashcam.proxy()).await?;
        let got = get(&mut io, &format!("http://{host}:{port}{path}"), "").await?;
        assert_denied(&got)?;
        assert!(text(&got).contains("--deny-private"), "{}", text(&got));
        let exchange = dashcam.api().ended(&path).await?;
        assert_eq!((&exchange["state"], &exchange["failure"]["side"]), (&json!("refused"), &json!("proxy")));
        let authority = format!("{host}:{port}");
        assert_denied(&connect(&dashcam, &authority, "").await?)?;
        let exchange = dashcam.api().ended(&format!("/{authority}/")).await?;
        assert_eq!((&exchange["state"], &exchange["method"]), (&json!("refused"), &json!("CONNECT")));
    }
    for metadata in ["169.254.169.254:80", "[fd00:ec2::254]:80", "100.100.100.200:80"] {
        assert_denied(&connect(&dashcam, metadata, "").await?)?;
    }
    dashcam.api().change(&json!({"level": "off"})).await?;
    assert_denied(&connect(&dashcam, &format!("localhost:{port}"), "").await?)?;
    assert_denied(&get_through(&dashcam, &origin, "/json", "").await?)?;
    assert!(origin.site().seen().is_empty(), "it reached the origin");
    Ok(())
}

/// Replays from the page go nowhere else either; a reverse listener's own upstream may be anywhere.
#[tokio::test]
async fn replays_and_the_operators_own_upstream() -> Result<()> {
    let (named, other) = (Origin::http().await?, Origin::http().await?);
    let home = tempfile::tempdir()?;
    let mode = format!("reverse:{}@127.0.0.1:0", named.url(""));
    let mut dashcam = Dashcam::start_in(home.path(), &["-m", "forward@127.0.0.1:0", "-m", &mode]).await?;
    let got = get_through(&dashcam, &other, "/json?to-be-replayed", "").await?;
    assert_eq!(got.head.status()?, 200);
    let id = dashcam.api().ended("/json?to-be-replayed").await?["id"].clone();
    dashcam.stop().await?;

    let dashcam =
        Dashcam::start_in(home.path(), &["-m", &mode, "-m", "forward@127.0.0.1:0", "--deny-private"]).await?;
    let got = get(&mut raw::open(dashcam.proxy()).await?, "/json?named", "").await?;
    assert_eq!(got.head.status()?, 200, "{}", text(&got));
    let listeners = dashcam.api().get("/status").await?["listeners"].clone();
    let forward = listeners[1]["address"].as_str().unwrap_or_default().parse()?;
    // The kept connection to it is not for clients that name it themselves.
    assert_denied(&get(&mut raw::open(forward).await?, &named.url("/json?by-a-client"), "").await?)?;
    let replayed = dashcam.api().call("POST", &format!("/exchanges/{id}/replay"), &json!({})).await?;
    let replay: Value = serde_json::from_slice(&replayed.body)?;
    let replay = dashcam_tests::eventually::eventually("the replay has ended", async || {
        let exchange = dashcam.api().get(&format!("/exchanges/{}", replay["id"])).await?;
        Ok(Some(exchange).filter(|exchange| exchange["state"] != "open"))
    })
    .await?;
    assert_eq!(replay["state"], "refused", "{replay}");
    assert_eq!(other.site().seen().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_port_that_is_not_allowed() -> Result<()> {
    let origin = Origin::https1().await?;
    let port = origin.port();
    let allowed = Dashcam::start(&["--connect-ports", &format!("443,{port}")]).await?;
    assert_eq!(connect(&allowed, &format!("localhost:{port}"), "").await?.head.status()?, 200);
    let dashcam = Dashcam::start(&["--connect-ports", "443"]).await?;
    let authority = format!("localhost:{port}");
    let got = connect(&dashcam, &authority, "").await?;
    assert_eq!(got.head.status()?, 403);
    assert_eq!(got.head.field("proxy-status"), Some("dashcam; error=http_request_denied"));
    let exchange = dashcam.api().ended(&format!("/{authority}/")).await?;
    assert_eq!(exchange["state"], "refused");
    assert!(
        exchange["failure"]["message"].as_str().unwrap_or_default().contains("--connect-ports"),
        "{exchange}"
    );
    Ok(())
}
