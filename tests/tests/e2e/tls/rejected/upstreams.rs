//! Upstreams that reject dashcam's TLS: those that reset its hello, or demand a certificate that only the client has.

use anyhow::Result;
use dashcam_tests::clients::Way;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::test_ca;
use rustls::version::TLS13;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::super::{curl, demanding, origin as origin_with};
use super::{patient, tunnelled};

/// Resets connections whose ClientHello is one of rustls, as dashcam's is, and serves the others.
async fn serve_others(listener: TcpListener, acceptor: TlsAcceptor) -> Result<()> {
    /// The first cipher suites of rustls: OpenSSL has them in another order.
    const RUSTLS: [u8; 6] = [0x13, 0x02, 0x13, 0x01, 0x13, 0x03];
    let answer = |stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            let mut hello = [0; 512];
            let mut length = 0;
            while length < 200 {
                length = stream.peek(&mut hello).await?;
            }
            if hello[..length].windows(6).any(|bytes| bytes == RUSTLS) {
                // Its bytes are still unread: so the system resets the connection.
                return Ok(());
            }
            let mut tls = acceptor.accept(stream).await?;
            let _request = tls.read(&mut [0; 4096]).await?;
            tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\ntrue\n").await?;
            tls.shutdown().await?;
            anyhow::Ok(())
        }
    };
    loop {
        let (stream, _) = listener.accept().await?;
        // A client that gives up is no failure of the server's.
        let _served = answer(stream).await;
    }
}

/// A file of the roots of the origins and of dashcam: for a client that trusts both.
fn both_roots(dashcam: &Dashcam) -> Result<std::path::PathBuf> {
    let file = dashcam.home().join("both.pem");
    let both = [std::fs::read(dashcam.ca())?, std::fs::read(test_ca::shared()?.file())?].concat();
    std::fs::write(&file, both)?;
    Ok(file)
}

#[tokio::test]
async fn an_upstream_that_resets_our_hello_gets_the_clients_own() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("https://localhost:{}/reset", listener.local_addr()?.port());
    let acceptor = TlsAcceptor::from(test_ca::shared()?.server(&["localhost"], &["http/1.1"])?);
    let mut serving = JoinSet::new();
    serving.spawn(serve_others(listener, acceptor));
    for http2 in [false, true] {
        let dashcam = patient(&[]).await?;
        let roots = both_roots(&dashcam)?;
        let way = Way { proxy: Some(dashcam.proxy_url()), ca: roots };
        let options = if http2 { "--http2" } else { "" };
        for _ in 0..3 {
            let (status, text) = curl(options, &way, url.clone()).await?;
            assert!(
                status == 502 && text.contains("closed the connection during the TLS handshake"),
                "{text}"
            );
        }
        let pair = tunnelled(&dashcam).await?;
        assert_eq!((&pair["side"], &pair["runtime"]), (&"upstream".into(), &"curl".into()), "{pair}");
        assert_eq!(curl(options, &way, url.clone()).await?, (200, "true\n".to_owned()));
        let tunnel = |row: &Value| row["tunnel_reason"] == "upstream_rejected";
        dashcam.api().connection("the tunnel", tunnel).await?;
        assert_eq!(dashcam.api().get("/status").await?["rejected"]["by_upstreams"], 3);
    }
    serving.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn an_upstream_that_demands_the_clients_certificate_gets_it() -> Result<()> {
    let ca = test_ca::shared()?;
    let own = ca.issue_with(&["localhost"], |_| {})?;
    let origin = origin_with(demanding(&own, ca, &[&TLS13])?).await?;
    let dashcam = patient(&[]).await?;
    let way = Way { proxy: Some(dashcam.proxy_url()), ca: both_roots(&dashcam)? };
    let client = ca.issue_client("someone")?;
    let pem = dashcam.home().join("someone.pem");
    std::fs::write(&pem, client.pem())?;
    let options = format!("--cert {}", pem.display());
    for _ in 0..3 {
        let (status, text) = curl(&options, &way, origin.url("/mine")).await?;
        assert!(status == 502 && text.contains("client certificate"), "{text}");
    }
    tunnelled(&dashcam).await?;
    assert_eq!(curl(&options, &way, origin.url("/json")).await?.0, 200);
    Ok(())
}
