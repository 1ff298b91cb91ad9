//! Upstreams whose TLS is old, odd or none at all: the message says whose fault it is and what to do.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;
use dashcam_tests::test_ca;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::openssl::server;
use super::{assert_handshake_fails, curl, origin};
use crate::same::through;

#[tokio::test]
async fn old_and_odd_servers() -> Result<()> {
    let (certificate, key) = test_ca::shared()?.write("old-and-odd", &["localhost"])?;
    let folder = tempfile::tempdir()?;
    super::openssl::run(folder.path(), "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out rsa.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost").await?;
    let (rsa, rsa_key) = (folder.path().join("rsa.pem"), folder.path().join("key.pem"));
    let dashcam = Dashcam::start(&["--upstream-ca", &rsa.display().to_string()]).await?;
    let fatal_name = format!(
        "-servername other.test -servername_fatal -cert2 {} -key2 {}",
        certificate.display(),
        key.display()
    );
    for (options, path, expect) in [
        ("-tls1_1 -cipher ALL:@SECLEVEL=0", "tls11", &["neither TLS 1.2 nor 1.3", "--ignore-hosts"][..]),
        (
            "-tls1_2 -cipher AES128-SHA:@SECLEVEL=0",
            "rsa-kx",
            &["handshake_failure", "ECDHE", "--ignore-hosts"],
        ),
        ("-tls1_2 -cipher ECDHE-RSA-AES128-SHA", "cbc", &["handshake_failure", "CBC", "--ignore-hosts"]),
        ("-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256", "dhe", &["handshake_failure", "ECDHE"]),
        ("-groups P-521", "group", &["handshake_failure", "ECDHE"]),
        (&fatal_name, "name", &["unrecognised_name", "does not know this name"]),
        ("-alpn acme", "alpn", &["no_application_protocol", "http/1.1"]),
    ] {
        let server = server((&rsa, &rsa_key), options).await?;
        let url = format!("https://localhost:{}/old-{path}", server.port);
        assert_handshake_fails(&dashcam, &url, &[&["localhost"], expect].concat()).await?;
    }
    Ok(())
}

/// Servers that are no TLS servers, or stop being one.
#[tokio::test]
async fn servers_that_break_off() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    for (answer, path, expect) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], "http", "does not speak TLS on this port"),
        (b"220 mail.test ESMTP\r\n", "smtp", "does not speak TLS on this port"),
        (b"", "closes", "closed the connection during the TLS handshake"),
        (b"\x16\x03\x03\x00\x04\x02\x00\x00\x00", "empty-hello", "can't be understood"),
        (b"\x16\x03\x03\x00\x06\x02\x00\x00\x02ab", "garbage-hello", "can't be understood"),
        (b"\x16\x03\x03\x00\x04\x0e\x00\x00\x00", "other-message", "localhost"),
        (b"\x15\x03\x03\x00\x02\x02\x50", "internal-error", "internal_error"),
        (b"\x15\x03\x03\x00\x02\x02\x70", "unrecognised", "does not know this name"),
        (b"\x15\x03\x03\x00\x02\x02\x2f", "illegal", "illegal_parameter"),
    ] {
        let origin = Origin::raw(move |mut stream| async move {
            let mut hello = [0; 4096];
            let _some = stream.read(&mut hello).await?;
            stream.write_all(answer).await?;
            stream.shutdown().await?;
            // What is not read would make it a reset.
            stream.read_to_end(&mut Vec::new()).await?;
            Ok(())
        })
        .await?;
        let url = format!("https://localhost:{}/breaks-{path}", origin.port());
        assert_handshake_fails(&dashcam, &url, &["localhost", expect]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_that_resets() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let origin = Origin::raw(|mut stream| async move {
        stream.read_u8().await?;
        Ok(stream.set_zero_linger()?)
    })
    .await?;
    let url = format!("https://localhost:{}/resets", origin.port());
    assert_handshake_fails(&dashcam, &url, &["localhost", "closed the connection during the TLS handshake"])
        .await
}

/// One that says nothing is waited for, but not for ever.
#[tokio::test]
async fn a_server_that_stalls() -> Result<()> {
    let home = tempfile::tempdir()?;
    super::write(home.path(), "config.toml", "[timeouts]\ntls_handshake = '300ms'\n")?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    for said in [&b""[..], b"\x16\x03\x03\x00\x50\x02"] {
        let origin = Origin::raw(move |mut stream| async move {
            stream.write_all(said).await?;
            stream.read_to_end(&mut Vec::new()).await?;
            Ok(())
        })
        .await?;
        let url = format!("https://localhost:{}/stalls-{}", origin.port(), said.len());
        assert_handshake_fails(
            &dashcam,
            &url,
            &["localhost", "did not finish the TLS handshake within 0.3 s"],
        )
        .await?;
    }
    Ok(())
}

/// One that wants a new handshake in the middle of a connection is told that there is none, and goes on.
#[tokio::test]
async fn a_server_that_renegotiates() -> Result<()> {
    let (certificate, key) = test_ca::shared()?.write("renegotiates", &["localhost"])?;
    let dashcam = Dashcam::start(&[]).await?;
    let server = server((&certificate, &key), "-tls1_2").await?;
    let url = format!("https://localhost:{}/reneg", server.port);
    let (status, page) = curl("", &through(&dashcam), url).await?;
    assert!(status == 200 && page.contains("1 server renegotiates"), "{status}: {page}");
    assert_eq!(dashcam.api().ended("/reneg").await?["state"], "complete");
    Ok(())
}

/// Each side has its own version: neither need speak the other's.
#[tokio::test]
async fn versions_of_both_sides_are_independent() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let own = test_ca::shared()?.issue_with(&["localhost"], |_| {})?;
    let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    for (version, name) in [(&rustls::version::TLS12, "TLSv1.2"), (&rustls::version::TLS13, "TLSv1.3")] {
        let (chain, key) = own.for_rustls();
        let config = rustls::ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[version])?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        let origin = origin(config).await?;
        for (option, client) in [("--tls-max 1.2", "TLSv1.2"), ("--tlsv1.3", "TLSv1.3")] {
            let path = format!("/json?{client}-{name}");
            assert_eq!(curl(option, &through(&dashcam), origin.url(&path)).await?.0, 200);
            let exchange = dashcam.api().ended(&path).await?;
            assert_eq!(exchange["upstream"]["tls_version"], name, "{exchange}");
            let of_exchange = |row: &serde_json::Value| row["id"] == exchange["connection"];
            let connection = dashcam.api().connection("the client's", of_exchange).await?;
            assert_eq!(connection["tls"]["version"], client, "{connection}");
        }
    }
    Ok(())
}
