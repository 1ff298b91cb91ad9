//! When something is wrong, the client is told which side and what, and the record has it.

use anyhow::Result;
use dashcam_tests::clients::{Ask, Got, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::{raw, test_ca};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::same::through;

async fn curl(dashcam: &Dashcam, url: String) -> Result<Got> {
    Ok(ask("curl --http1.1", &through(dashcam), &[Ask::get(url)]).await?.remove(0))
}

/// Checks that the answer is a 502 whose text names side and stage, and that the record agrees.
async fn assert_failure(dashcam: &Dashcam, got: &Got, path: &str, side: &str, stage: &str) -> Result<()> {
    let text = String::from_utf8_lossy(&got.body).to_lowercase();
    assert_eq!(got.status, 502, "{text}");
    assert!(text.contains(side), "the answer does not say \u{201c}{side}\u{201d}: {text}");
    let exchange = dashcam.api().ended(path).await?;
    assert_eq!(exchange["state"], "failed");
    assert_eq!(exchange["failure"]["side"], side, "{exchange}");
    assert_eq!(exchange["failure"]["stage"], stage, "{exchange}");
    assert!(exchange["response"].is_null(), "our own answer is not the upstream's: {exchange}");
    Ok(())
}

#[tokio::test]
async fn a_dead_upstream_is_a_502_that_says_why() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let (_bound, dead) = Origin::dead()?;
    let got = curl(&dashcam, format!("http://{dead}/dead")).await?;
    assert_failure(&dashcam, &got, "/dead", "upstream", "connect").await?;
    let text = String::from_utf8_lossy(&got.body).to_lowercase();
    assert!(text.contains("refused") && text.contains(&dead.port().to_string()), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_dead_upstream_behind_tls_is_a_502_too() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let (_bound, dead) = Origin::dead()?;
    let authority = format!("localhost:{}", dead.port());
    let mut io =
        raw::tls(raw::tunnel(dashcam.proxy(), &authority).await?, &dashcam.ca(), "localhost").await?;
    let answer = raw::get(&mut io, "/dead-tls", &authority).await?;
    let got = Got {
        status: answer.head.status()?.into(),
        version: String::new(),
        fields: vec![],
        body: answer.body,
    };
    assert_failure(&dashcam, &got, "/dead-tls", "upstream", "connect").await
}

#[tokio::test]
async fn a_name_that_does_not_exist() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let got = curl(&dashcam, "http://no-such-host.invalid/name".to_owned()).await?;
    assert_failure(&dashcam, &got, "/name", "upstream", "dns").await
}

#[tokio::test]
async fn an_upstream_that_refuses_tls() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let got = curl(&dashcam, format!("https://localhost:{}/no-tls", origin.port())).await?;
    assert_failure(&dashcam, &got, "/no-tls", "upstream", "tls_handshake").await
}

#[tokio::test]
async fn an_upstream_with_a_strangers_certificate() -> Result<()> {
    let stranger = test_ca::TestCa::create("a stranger")?;
    let origin = Origin::start("127.0.0.1:0", Some(stranger.server(&["localhost"], &[])?.into())).await?;
    let dashcam = Dashcam::start(&[]).await?;
    let got = curl(&dashcam, origin.url("/stranger")).await?;
    assert_failure(&dashcam, &got, "/stranger", "upstream", "tls_handshake").await?;
    assert!(String::from_utf8_lossy(&got.body).to_lowercase().contains("certificate"));
    assert!(origin.site().seen().is_empty(), "a request reached a stranger");
    Ok(())
}

#[tokio::test]
async fn an_upstream_with_another_hosts_certificate() -> Result<()> {
    let origin = Origin::https_with(&["other.test"]).await?;
    let dashcam = Dashcam::start(&[]).await?;
    let got = curl(&dashcam, origin.url("/wrong-name")).await?;
    assert_failure(&dashcam, &got, "/wrong-name", "upstream", "tls_handshake").await
}

#[tokio::test]
async fn strangers_are_accepted_when_told_so() -> Result<()> {
    let stranger = test_ca::TestCa::create("a stranger")?;
    let origin = Origin::start("127.0.0.1:0", Some(stranger.server(&["localhost"], &[])?.into())).await?;
    let dashcam = Dashcam::start(&["--ssl-insecure"]).await?;
    assert_eq!(curl(&dashcam, origin.url("/json")).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn an_upstream_that_closes_without_an_answer() -> Result<()> {
    let origin = Origin::raw(|mut stream| async move {
        let mut head = [0; 64];
        let _some = stream.read(&mut head).await?;
        Ok(())
    })
    .await?;
    let dashcam = Dashcam::start(&[]).await?;
    let got = curl(&dashcam, origin.url("/closed")).await?;
    assert_failure(&dashcam, &got, "/closed", "upstream", "response_head").await
}

/// A response that was cut short must not look whole, neither to the client nor in the record.
#[tokio::test]
async fn a_response_that_is_cut_short() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    assert!(curl(&dashcam, origin.url("/cut")).await.is_err(), "curl took a cut response for a whole one");
    let exchange = dashcam.api().ended("/cut").await?;
    assert_eq!(exchange["state"], "failed");
    assert_eq!(exchange["failure"]["stage"], "response_body");
    assert_eq!(exchange["response_body"]["complete"], false);
    assert_eq!(exchange["response_body"]["size"], "only the beginning".len());
    Ok(())
}

/// A client that leaves, with or without a reset, leaves an aborted exchange.
#[tokio::test]
async fn a_client_that_goes_away_is_an_aborted_exchange() -> Result<()> {
    let origin = Origin::http().await?;
    let home = tempfile::tempdir()?;
    std::fs::write(home.path().join("config.toml"), "[timeouts]\nhalf_closed = \"1s\"\n")?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    for reset in [true, false] {
        let before = origin.site().seen().len();
        let mut io = tokio::net::TcpStream::connect(dashcam.proxy()).await?;
        if reset {
            io.set_zero_linger()?;
        }
        let path = format!("/silence?reset={reset}");
        let (url, host) = (origin.url(&path), origin.address());
        io.write_all(format!("GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await?;
        dashcam_tests::eventually::eventually("the request arrives", async || {
            Ok((origin.site().seen().len() > before).then_some(()))
        })
        .await?;
        drop(io);
        assert_eq!(dashcam.api().ended(&path).await?["state"], "aborted");
    }
    Ok(())
}

/// A client that rejects our certificate leaves a failed connection on record, not only a log line.
#[tokio::test]
async fn a_client_that_rejects_our_certificate() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let io = raw::tunnel(dashcam.proxy(), &format!("localhost:{}", origin.port())).await?;
    assert!(raw::tls(io, &test_ca::shared()?.file(), "localhost").await.is_err());
    let connection = dashcam.api().connection("failed", |row| !row["failure"].is_null()).await?;
    assert_eq!(connection["failure"]["side"], "client");
    assert_eq!(connection["failure"]["stage"], "tls_handshake");
    assert_eq!(connection["destination"], format!("localhost:{}", origin.port()));
    let failed = dashcam.api().get("/connections?failed=true").await?;
    assert_eq!(failed["connections"].as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn loops_to_ourselves_are_refused() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let to_listener = curl(&dashcam, format!("http://{}/loop", dashcam.proxy())).await?;
    assert_eq!(to_listener.status, 508, "{}", String::from_utf8_lossy(&to_listener.body));
    let to_page = curl(&dashcam, format!("http://{}/api/v1/status", dashcam.page())).await?;
    assert_eq!(to_page.status, 403, "{}", String::from_utf8_lossy(&to_page.body));
    for (address, status) in [(dashcam.proxy(), 508), (dashcam.page(), 403)] {
        let (head, mut io) = raw::connect(dashcam.proxy(), &address.to_string()).await?;
        if head.status()? == 200 {
            // The tunnel may be granted before the destination is looked at: then the request is refused.
            assert_eq!(raw::get(&mut io, "/loop", &address.to_string()).await?.head.status()?, status);
        } else {
            assert_eq!(head.status()?, status);
        }
    }
    Ok(())
}

/// The upstream is unreachable for one client only: others go on.
#[tokio::test]
async fn a_silent_upstream_holds_nobody_else_up() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut waiting = raw::open(dashcam.proxy()).await?;
    let (url, host) = (origin.url("/silence"), origin.address());
    raw::send(&mut waiting, &format!("GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await?;
    within("another client", async {
        assert_eq!(curl(&dashcam, origin.url("/json")).await?.status, 200);
        Ok(())
    })
    .await
}

/// A request that is refused is recorded as that, with where it was to go.
#[tokio::test]
async fn an_ambiguous_request_is_refused() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let (url, host) = (origin.url("/ambiguous"), origin.address());
    let framing = "Content-Length: 3\r\nTransfer-Encoding: chunked";
    raw::send(&mut io, &format!("POST {url} HTTP/1.1\r\nHost: {host}\r\n{framing}\r\n\r\nabc")).await?;
    let answer = within("an answer", dashcam_tests::wire::read_response(&mut io, "POST")).await?;
    assert_eq!(answer.head.status()?, 400);
    let exchange = dashcam.api().ended("/ambiguous").await?;
    assert_eq!((&exchange["state"], &exchange["url"]), (&"refused".into(), &url.into()), "{exchange}");
    assert_eq!(exchange["failure"]["stage"], "request_head");
    assert!(origin.site().seen().is_empty(), "it reached the origin");
    Ok(())
}
