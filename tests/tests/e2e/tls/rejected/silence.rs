//! Clients that end the connection after the handshake without a word: some refuse, and others only look.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, ensure};
use dashcam_tests::clients::Way;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::{raw, test_ca};
use rustls::ServerConfig;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::super::{curl, origin as origin_with};
use super::{counted, leave, leave_trusting, pairs, patient, tunnelled};

/// One request, by a client that gets a certificate of `roots`.
async fn ask(dashcam: &Dashcam, roots: &Path, authority: &str) -> Result<()> {
    let io = raw::tunnel(dashcam.proxy(), authority).await?;
    let mut tls = raw::tls(io, roots, "localhost").await?;
    ensure!(raw::get(&mut tls, "/json", authority).await?.head.status()? == 200);
    Ok(())
}

/// The stored connections that have ended.
async fn closed(dashcam: &Dashcam) -> Result<Vec<Value>> {
    let page = dashcam.api().get("/connections?limit=1000").await?;
    let rows = page["connections"].as_array().cloned().unwrap_or_default();
    Ok(rows.into_iter().filter(|row| !row["closed_at"].is_null()).collect())
}

/// Waits until so many connections have ended and are stored, and gives those that failed.
async fn failed_of(dashcam: &Dashcam, all: usize) -> Result<usize> {
    let what = format!("{all} connections have ended");
    eventually(&what, async || {
        let rows = closed(dashcam).await?;
        let failed = rows.iter().filter(|row| !row["failure"].is_null()).count();
        Ok((rows.len() == all).then_some(failed))
    })
    .await
}

/// Waits until so many tunnels for refusals of clients have ended and are stored.
async fn tunnels_ended(dashcam: &Dashcam, tunnels: usize) -> Result<()> {
    eventually(&format!("{tunnels} tunnels have ended"), async || {
        let rows = closed(dashcam).await?;
        let ended = rows.iter().filter(|row| row["tunnel_reason"] == "client_rejected").count();
        Ok((ended == tunnels).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_client_that_leaves_after_the_handshake_is_marked_and_tunnelled() -> Result<()> {
    let origin = Origin::https1().await?;
    let authority = format!("localhost:{}", origin.port());
    let dashcam = patient(&[]).await?;
    for _ in 0..2 {
        leave(&dashcam, &authority).await?;
    }
    let failed = dashcam.api().connection("a failure", |row| !row["failure"].is_null()).await?;
    let message = failed["failure"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("right after the TLS handshake for localhost, without a request"), "{message}");
    assert_eq!((&failed["failure"]["side"], &failed["runtime"]), (&"client".into(), &"rustls".into()));
    counted(&dashcam, 2).await?;
    assert_eq!(pairs(&dashcam).await?, [json!(null); 0]);
    leave(&dashcam, &authority).await?;
    tunnelled(&dashcam).await?;
    // A client that goes on with the upstream's own certificate is right to be tunnelled.
    for _ in 0..2 {
        ask(&dashcam, &test_ca::shared()?.file(), &authority).await?;
    }
    tunnels_ended(&dashcam, 2).await?;
    // Another connection of it that it does not need says nothing against that.
    leave_trusting(&dashcam, &test_ca::shared()?.file(), &authority).await?;
    tunnels_ended(&dashcam, 3).await?;
    assert_eq!(tunnelled(&dashcam).await?["connections"], 3);
    // Another program on the same machine goes on being recorded.
    let roots = dashcam.ca();
    let way = Way { proxy: Some(dashcam.proxy_url()), ca: roots };
    assert_eq!(curl("", &way, origin.url("/other")).await?.0, 404);
    dashcam.api().ended("/other").await?;
    Ok(())
}

#[tokio::test]
async fn a_client_that_also_speaks_with_the_host_refuses_nothing_by_leaving() -> Result<()> {
    let origin = Origin::https1().await?;
    let authority = format!("localhost:{}", origin.port());
    let dashcam = patient(&[]).await?;
    for _ in 0..2 {
        leave(&dashcam, &authority).await?;
    }
    counted(&dashcam, 2).await?;
    ask(&dashcam, &dashcam.ca(), &authority).await?;
    for _ in 0..4 {
        leave(&dashcam, &authority).await?;
    }
    assert_eq!(failed_of(&dashcam, 7).await?, 2, "those before the request");
    assert_eq!(dashcam.api().get("/status").await?["rejected"]["by_clients"], 2);
    assert_eq!(pairs(&dashcam).await?, [json!(null); 0]);
    Ok(())
}

#[tokio::test]
async fn a_request_of_a_connection_that_began_before_undoes_a_tunnel_for_silence() -> Result<()> {
    let origin = Origin::https1().await?;
    let authority = format!("localhost:{}", origin.port());
    let dashcam = patient(&[]).await?;
    let io = raw::tunnel(dashcam.proxy(), &authority).await?;
    let mut kept = raw::tls(io, &dashcam.ca(), "localhost").await?;
    for _ in 0..3 {
        leave(&dashcam, &authority).await?;
    }
    tunnelled(&dashcam).await?;
    assert_eq!(raw::get(&mut kept, "/json", &authority).await?.head.status()?, 200);
    assert_eq!(pairs(&dashcam).await?, [json!(null); 0]);
    ask(&dashcam, &dashcam.ca(), &authority).await
}

#[tokio::test]
async fn a_probe_that_leaves_the_upstreams_certificate_likewise_is_decrypted_again_for_good() -> Result<()> {
    let ca = test_ca::shared()?;
    for version in [&TLS12, &TLS13] {
        let (chain, key) = ca.issue_with(&["localhost"], |_| {})?.for_rustls();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[version])?;
        let origin = origin_with(builder.with_no_client_auth().with_single_cert(chain, key)?).await?;
        let authority = format!("localhost:{}", origin.port());
        let dashcam = patient(&[]).await?;
        for _ in 0..3 {
            leave(&dashcam, &authority).await?;
        }
        tunnelled(&dashcam).await?;
        leave_trusting(&dashcam, &ca.file(), &authority).await?;
        let undone = async || Ok(pairs(&dashcam).await?.is_empty().then_some(()));
        eventually("the probe is decrypted again", undone).await?;
        for _ in 0..4 {
            leave(&dashcam, &authority).await?;
        }
        // The same program's requests are recorded.
        ask(&dashcam, &dashcam.ca(), &authority).await?;
        dashcam.api().ended("/json").await?;
        assert_eq!(failed_of(&dashcam, 9).await?, 3);
        assert_eq!(pairs(&dashcam).await?, [json!(null); 0]);
        dashcam.says("are decrypted again: it closes connections without a request").await?;
    }
    Ok(())
}

/// Finishes each handshake, and closes the connection right after it.
async fn close_at_once(listener: TcpListener, acceptor: TlsAcceptor) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        // A client that gives up is no failure of the server's.
        if let Ok(mut tls) = acceptor.accept(stream).await {
            let _closed = tls.shutdown().await;
            let _end = tls.read_to_end(&mut Vec::new()).await;
        }
    }
}

#[tokio::test]
async fn an_upstream_that_ends_a_tunnel_says_nothing_about_the_client() -> Result<()> {
    let ca = test_ca::shared()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let authority = format!("localhost:{}", listener.local_addr()?.port());
    let mut serving = JoinSet::new();
    serving.spawn(close_at_once(listener, TlsAcceptor::from(ca.server(&["localhost"], &["http/1.1"])?)));
    let dashcam = patient(&[]).await?;
    for _ in 0..3 {
        leave(&dashcam, &authority).await?;
    }
    tunnelled(&dashcam).await?;
    let io = raw::tunnel(dashcam.proxy(), &authority).await?;
    let mut tls = raw::tls(io, &ca.file(), "localhost").await?;
    within("the upstream closes", async { Ok(tls.read_to_end(&mut Vec::new()).await?) }).await?;
    tls.shutdown().await?;
    drop(tls);
    tunnels_ended(&dashcam, 1).await?;
    assert_eq!(tunnelled(&dashcam).await?["connections"], 1);
    serving.shutdown().await;
    Ok(())
}
