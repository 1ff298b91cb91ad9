//! The name that a client asks for by SNI is the one that counts, on both sides, wherever its CONNECT goes.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;
use dashcam_tests::test_ca::{self, Issued};
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::{client, connect, get, handshake, openssl};

/// Remembers which names it was asked for.
#[derive(Debug)]
struct Names {
    asked: Mutex<Vec<Option<String>>>,
    key: Arc<CertifiedKey>,
}

impl ResolvesServerCert for Names {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_owned);
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(name);
        Some(Arc::clone(&self.key))
    }
}

impl Names {
    fn last(&self) -> Option<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).last().cloned().flatten()
    }
}

/// An upstream with a certificate for `names`.
async fn upstream(names: &[&str]) -> Result<(Origin, Arc<Names>)> {
    let issued: Issued = test_ca::shared()?.issue_with(names, |_| {})?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let (chain, key) = issued.for_rustls();
    let key = Arc::new(CertifiedKey::from_der(chain, key, &provider)?);
    let names = Arc::new(Names { asked: Mutex::default(), key });
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::clone(&names) as _);
    Ok((super::origin(config).await?, names))
}

/// The client verifies the name that it asks for: so the certificate it sees is for that one.
#[tokio::test]
async fn the_name_goes_to_the_upstream_and_into_the_certificate() -> Result<()> {
    let (origin, names) = upstream(&["name.test", "localhost", "127.0.0.1"]).await?;
    let dashcam = Dashcam::start(&[]).await?;
    for (number, (host, name, expect)) in [
        ("127.0.0.1", "name.test", Some("name.test")),
        ("localhost", "name.test", Some("name.test")),
        ("localhost", "localhost", Some("localhost")),
        // Addresses are not asked for by SNI.
        ("127.0.0.1", "127.0.0.1", None),
        ("[::ffff:127.0.0.1]", "name.test", Some("name.test")),
    ]
    .into_iter()
    .enumerate()
    {
        let authority = format!("{host}:{}", origin.port());
        let io = connect(dashcam.proxy(), Some(&authority)).await?;
        let io = handshake(client(&dashcam.ca(), &["http/1.1"])?, name, io).await?;
        let path = format!("/json?name={number}");
        assert_eq!(get(io, &path, name).await?, 200, "{host} {name}");
        assert_eq!(names.last().as_deref(), expect, "{host} {name}");
        let exchange = dashcam.api().ended(&path).await?;
        let connection = dashcam.api().connection(name, |row| row["id"] == exchange["connection"]).await?;
        assert_eq!(connection["tls"]["sni"].as_str(), expect);
        // The record goes by the name, where the CONNECT had none.
        let shown = if host == "localhost" { host } else { name };
        assert_eq!(exchange["url"], format!("https://{shown}:{}{path}", origin.port()));
    }
    Ok(())
}

/// A client that asks for no name gets the certificate of where it connects to.
#[tokio::test]
async fn clients_that_ask_for_no_name() -> Result<()> {
    let (origin, _names) = upstream(&["localhost"]).await?;
    let dashcam = Dashcam::start(&[]).await?;
    let authority = format!("localhost:{}", origin.port());
    let mut config = client(&dashcam.ca(), &[])?;
    config.enable_sni = false;
    let io = handshake(config, "localhost", connect(dashcam.proxy(), Some(&authority)).await?).await?;
    assert_eq!(get(io, "/json?nameless", "localhost").await?, 200);
    Ok(())
}

/// The upstream must prove the name that the client asked for, not that of the CONNECT.
#[tokio::test]
async fn the_upstream_must_prove_the_name() -> Result<()> {
    let (origin, names) = upstream(&["localhost", "127.0.0.1"]).await?;
    let dashcam = Dashcam::start(&[]).await?;
    for host in ["localhost", "127.0.0.1"] {
        let authority = format!("{host}:{}", origin.port());
        let io = connect(dashcam.proxy(), Some(&authority)).await?;
        let io = handshake(client(&dashcam.ca(), &[])?, "name.test", io).await?;
        let path = format!("/json?proves={host}");
        assert_eq!(get(io, &path, "name.test").await?, 502);
        assert_eq!(names.last().as_deref(), Some("name.test"));
        let failure = dashcam.api().ended(&path).await?["failure"]["message"].to_string();
        assert!(failure.contains("not for name.test"), "{failure}");
    }
    assert!(origin.site().seen().is_empty());
    Ok(())
}

/// Capitals, a dot at the end, an address: names that ought not to be sent like that, and are.
#[tokio::test]
async fn odd_names() -> Result<()> {
    let (origin, names) = upstream(&["name.test", "localhost", "127.0.0.1"]).await?;
    let dashcam = Dashcam::start(&[]).await?;
    for (asked, verified, expect) in [
        ("NAME.Test", "name.test", Some("name.test")),
        ("name.test.", "name.test", Some("name.test")),
        ("LOCALHOST.", "localhost", Some("localhost")),
        ("127.0.0.1", "localhost", Some("localhost")),
    ] {
        let host = "localhost";
        let options = format!(
            "-proxy {} -connect {host}:{} -servername {asked} -CAfile {} -verify_hostname {verified} \
             -verify_return_error -ign_eof",
            dashcam.proxy(),
            origin.port(),
            dashcam.ca().display()
        );
        let request = format!("GET /json HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let printed = openssl::client(&options, &request).await?;
        ensure!(
            printed.contains("HTTP/1.1 200") && printed.contains("Verification: OK"),
            "{asked}: {printed}"
        );
        assert_eq!(names.last().as_deref(), expect, "{asked}");
    }
    Ok(())
}

/// Names that are none: TLS of ours takes no such client, and the record says that it was TLS and not read.
#[tokio::test]
async fn illegal_names() -> Result<()> {
    let (certificate, key) = test_ca::shared()?.write("illegal-names", &["localhost", "under_score.test"])?;
    let server = openssl::server((&certificate, &key), "").await?;
    let dashcam = Dashcam::start(&[]).await?;
    for (asked, verdict) in [
        ("name.test:443", "tunnel"),
        ("-name.test", "tunnel"),
        ("name-.test", "tunnel"),
        ("under_score.test", "decrypt"),
    ] {
        let ca = if verdict == "decrypt" { dashcam.ca() } else { test_ca::shared()?.file() };
        let options = format!(
            "-proxy {} -connect localhost:{} -servername {asked} -CAfile {} -verify_return_error -ign_eof",
            dashcam.proxy(),
            server.port,
            ca.display()
        );
        let printed = openssl::client(&options, "GET /names HTTP/1.0\r\n\r\n").await?;
        ensure!(printed.contains(" 200 ") && printed.contains("Verification: OK"), "{asked}: {printed}");
        let of_verdict = |row: &serde_json::Value| row["verdict"] == verdict;
        let connection = dashcam.api().connection(asked, of_verdict).await?;
        assert_eq!(connection["detected"], "tls", "{asked}: {connection}");
    }
    Ok(())
}

/// A recorded request is sent again to who answered it, whatever name the CONNECT had.
#[tokio::test]
async fn a_replay_asks_for_the_same_name() -> Result<()> {
    let (origin, names) = upstream(&["name.test"]).await?;
    let dashcam = Dashcam::start(&[]).await?;
    let io = connect(dashcam.proxy(), Some(&format!("127.0.0.1:{}", origin.port()))).await?;
    let io = handshake(client(&dashcam.ca(), &["http/1.1"])?, "name.test", io).await?;
    assert_eq!(get(io, "/json?again", "name.test").await?, 200);
    let first = dashcam.api().ended("/json?again").await?;
    let path = format!("/exchanges/{}/replay", first["id"]);
    let answer = dashcam.api().call("POST", &path, &serde_json::json!({})).await?;
    ensure!(answer.head.status()? == 201, "{}", String::from_utf8_lossy(&answer.body));
    let second = dashcam_tests::eventually::eventually("the replay's end", async || {
        let rows = dashcam.api().ending_in("/json?again").await?;
        Ok(rows.into_iter().find(|row| row["replay_of"] == first["id"] && row["state"] != "open"))
    })
    .await?;
    assert_eq!(second["state"], "complete", "{second}");
    assert_eq!(names.last().as_deref(), Some("name.test"));
    Ok(())
}
