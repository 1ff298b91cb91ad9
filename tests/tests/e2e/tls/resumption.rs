//! Sessions are resumed on both sides; early data, which could be replayed, is not taken.

use anyhow::{Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;
use dashcam_tests::test_ca;
use rustls::HandshakeKind;

use super::{client_with, connect, curl, get, handshake, openssl};
use crate::same::through;

#[tokio::test]
async fn clients_resume() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let authority = format!("localhost:{}", origin.port());
    for version in rustls::ALL_VERSIONS {
        let config = client_with(&dashcam.ca(), &["http/1.1"], &[*version])?;
        for expect in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let io = connect(dashcam.proxy(), Some(&authority)).await?;
            let io = handshake(config.clone(), "localhost", io).await?;
            assert_eq!(io.get_ref().1.handshake_kind(), Some(expect), "{version:?}");
            assert_eq!(get(io, "/json", &authority).await?, 200);
        }
        // Another host's session is not this one's.
        let io = connect(dashcam.proxy(), Some(&format!("127.0.0.1:{}", origin.port()))).await?;
        let io = handshake(config, "127.0.0.1", io).await?;
        assert_eq!(io.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
    }
    Ok(())
}

#[tokio::test]
async fn clients_of_openssl_resume() -> Result<()> {
    let origin = Origin::http().await?;
    let mode = format!("reverse:{}@127.0.0.1:0", origin.url(""));
    let dashcam = Dashcam::start(&["-m", &mode]).await?;
    let folder = tempfile::tempdir()?;
    let session = folder.path().join("session.pem");
    let base =
        format!("-connect {} -servername localhost -CAfile {}", dashcam.proxy(), dashcam.ca().display());
    let request = "GET /json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for version in ["-tls1_2", "-tls1_3"] {
        for (session_option, expect) in [("-sess_out", "New, TLSv1."), ("-sess_in", "Reused, TLSv1.")] {
            let options = format!("{base} {version} -ign_eof {session_option} {}", session.display());
            let printed = openssl::client(&options, request).await?;
            ensure!(printed.contains(expect) && printed.contains("HTTP/1.1 200"), "{version}: {printed}");
            ensure!(
                !printed.contains("Max Early Data") || printed.contains("Max Early Data: 0"),
                "{printed}"
            );
        }
    }
    Ok(())
}

/// s_server's page says how the connection came about; each of its answers ends one.
#[tokio::test]
async fn upstream_connections_resume() -> Result<()> {
    let (certificate, key) = test_ca::shared()?.write("resumption", &["localhost"])?;
    let dashcam = Dashcam::start(&[]).await?;
    for version in ["-tls1_2", "-tls1_3"] {
        let server = openssl::server((&certificate, &key), version).await?;
        for (number, expect) in [(1, "New, TLSv1."), (2, "Reused, TLSv1."), (3, "Reused, TLSv1.")] {
            let url = format!("https://localhost:{}/page?{number}", server.port);
            let (status, page) = curl("", &through(&dashcam), url).await?;
            ensure!(status == 200 && page.contains(expect), "{version} {number}: {page}");
        }
    }
    Ok(())
}
