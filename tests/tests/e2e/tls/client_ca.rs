//! Reverse listeners that demand certificates of their clients: `--client-ca`.

use std::path::Path;

use anyhow::{Context as _, Result};
use dashcam_tests::clients::Way;
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::origin::Origin;
use dashcam_tests::test_ca::{Issued, TestCa};
use dashcam_tests::{raw, test_ca};
use rustls::ClientConfig;
use serde_json::Value;

use super::{connect, curl, get, handshake, roots, write};

async fn demanding(origin: &Origin, ca: &TestCa, more: &[&str]) -> Result<Dashcam> {
    let mode = format!("reverse:{}@127.0.0.1:0", origin.url(""));
    let file = ca.file().display().to_string();
    Dashcam::start(&[&["-m", &mode, "--client-ca", &file][..], more].concat()).await
}

fn with_certificate(trusted: &Path, shown: &Issued) -> Result<ClientConfig> {
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let (chain, key) = shown.for_rustls();
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots(trusted)?)
        .with_client_auth_cert(chain, key)?)
}

#[tokio::test]
async fn clients_with_a_certificate_are_served() -> Result<()> {
    let (origin, ca) = (Origin::http().await?, TestCa::create("clients")?);
    let dashcam = demanding(&origin, &ca, &[]).await?;
    let folder = tempfile::tempdir()?;
    let shown = write(folder.path(), "client.pem", &ca.issue_client("client.test")?.pem())?;
    let way = Way { proxy: None, ca: dashcam.ca() };
    for versions in ["--tls-max 1.2", "--tlsv1.3"] {
        let url = format!("https://localhost:{}/json?{versions}", dashcam.proxy().port()).replace(' ', "_");
        let options = format!("{versions} --cert {}", shown.display());
        assert_eq!(curl(&options, &way, url).await?.0, 200, "{versions}");
    }
    assert_eq!(origin.site().seen().len(), 2);
    Ok(())
}

/// The failure of the newest connection that has one and was refused.
async fn refused(dashcam: &Dashcam, expect: &str) -> Result<Value> {
    let wanted = |row: &Value| row["failure"]["message"].as_str().is_some_and(|text| text.contains(expect));
    dashcam.api().connection(expect, wanted).await
}

#[tokio::test]
async fn others_are_refused() -> Result<()> {
    let (origin, ca) = (Origin::http().await?, TestCa::create("clients")?);
    let dashcam = demanding(&origin, &ca, &[]).await?;
    let stranger = TestCa::create("strangers")?.issue_client("client.test")?;
    let expired = ca.issue_with(&["client.test"], |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        params.not_after = (std::time::SystemTime::now() - std::time::Duration::from_secs(86_400)).into();
    })?;
    let for_servers = ca.issue_with(&["client.test"], |_| {})?;
    for (config, expect) in [
        (super::client(&dashcam.ca(), &[])?, "showed no certificate"),
        (with_certificate(&dashcam.ca(), &stranger)?, "not in the file of --client-ca"),
        (with_certificate(&dashcam.ca(), &expired)?, "has expired"),
        (with_certificate(&dashcam.ca(), &for_servers)?, "clientAuth"),
    ] {
        // With TLS 1.3 the client learns of it only when it reads.
        let asked = async {
            let io = handshake(config, "localhost", connect(dashcam.proxy(), None).await?).await?;
            get(io, "/json", "localhost").await
        };
        assert!(asked.await.is_err(), "{expect}");
        let connection = refused(&dashcam, expect).await?;
        assert_eq!(connection["failure"]["side"], "client");
        assert_eq!(connection["failure"]["stage"], "tls_handshake");
    }
    assert!(origin.site().seen().is_empty(), "a request passed");
    Ok(())
}

/// A demand that can be avoided by leaving TLS out would be none.
#[tokio::test]
async fn clients_without_tls_are_refused() -> Result<()> {
    let (origin, ca) = (Origin::http().await?, TestCa::create("clients")?);
    let dashcam = demanding(&origin, &ca, &[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let answer = raw::get(&mut io, "/json", "localhost").await?;
    assert_eq!(answer.head.status()?, 400);
    assert!(String::from_utf8_lossy(&answer.body).contains("--client-ca"));
    let connection = refused(&dashcam, "came without TLS").await?;
    assert_eq!(
        (&connection["verdict"], &connection["failure"]["side"]),
        (&"refuse".into(), &"client".into())
    );
    for first in ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{1}\u{2}\u{3}\u{4}\r\n\r\n"] {
        use tokio::io::AsyncReadExt as _;
        let mut io = raw::open(dashcam.proxy()).await?;
        raw::send(&mut io, first).await?;
        let mut answer = Vec::new();
        // Whether by an end or a reset does not matter.
        let _reset =
            dashcam_tests::eventually::within("it closes", async { Ok(io.read_to_end(&mut answer).await) })
                .await?;
        assert!(answer.is_empty(), "{first:?}: {answer:?}");
    }
    assert!(origin.site().seen().is_empty(), "a request passed");
    Ok(())
}

/// A session begun where nothing is demanded must not be a way around the demand.
#[tokio::test]
async fn a_forward_listeners_session_is_no_way_in() -> Result<()> {
    let (origin, ca) = (Origin::https1().await?, TestCa::create("clients")?);
    let dashcam = demanding(&origin, &ca, &["-m", "forward@127.0.0.1:0"]).await?;
    let status = dashcam.api().get("/status").await?;
    let forward = status["listeners"][1]["address"].as_str().context("two listeners")?.parse()?;
    let config = super::client_with(&dashcam.ca(), &[], &[&rustls::version::TLS13])?;
    let authority = format!("localhost:{}", origin.port());
    let first = handshake(config.clone(), "localhost", connect(forward, Some(&authority)).await?).await?;
    // The answer comes behind the ticket.
    assert_eq!(get(first, "/json?forward", &authority).await?, 200);
    let second = handshake(config, "localhost", connect(dashcam.proxy(), None).await?).await;
    let answer = async { get(second?, "/json?reverse", "localhost").await }.await;
    assert!(answer.is_err(), "{answer:?}");
    refused(&dashcam, "showed no certificate").await?;
    assert!(origin.site().seen_for("/json?reverse").is_empty());
    Ok(())
}

/// A resumed session is its client's, who had proved itself.
#[tokio::test]
async fn sessions_of_clients_with_a_certificate_are_resumed() -> Result<()> {
    let (origin, ca) = (Origin::http().await?, TestCa::create("clients")?);
    let dashcam = demanding(&origin, &ca, &[]).await?;
    let config = with_certificate(&dashcam.ca(), &ca.issue_client("client.test")?)?;
    for expect in [rustls::HandshakeKind::Full, rustls::HandshakeKind::Resumed] {
        let io = handshake(config.clone(), "localhost", connect(dashcam.proxy(), None).await?).await?;
        assert_eq!(io.get_ref().1.handshake_kind(), Some(expect));
        assert_eq!(get(io, "/json", "localhost").await?, 200);
    }
    Ok(())
}

#[tokio::test]
async fn bad_files() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let at = folder.path();
    let key = test_ca::shared()?.issue_client("a.test")?.key.serialize_pem();
    write(at, "no-certificate.pem", &key)?;
    for (file, mode, expect) in [
        ("missing.pem", "reverse:http://127.0.0.1:1", "missing.pem"),
        ("no-certificate.pem", "reverse:http://127.0.0.1:1", "no certificate"),
        ("missing.pem", "forward", "reverse listener"),
    ] {
        let file = at.join(file).display().to_string();
        let arguments = ["serve", "-m", mode, "-p", "0", "--web-port", "0", "--client-ca", &file];
        let output = cli(&at.join("home"))?.args(arguments).output().await?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("--client-ca") && said.contains(expect), "{said}");
    }
    Ok(())
}
