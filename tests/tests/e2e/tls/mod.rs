//! TLS on both sides of dashcam, with peers that demand, refuse, resume, or break it.

mod alpn;
mod client_ca;
mod client_cert;
mod client_faults;
mod ends;
mod key_log;
mod openssl;
mod records;
mod rejected;
mod resumption;
mod server_names;
mod upstream_certificates;
mod upstream_faults;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use dashcam_tests::clients::{Ask, Way, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::test_ca::{Issued, TestCa};
use rustls::pki_types::ServerName;
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::same::through;

/// Status and text of the answer to a curl with `options` on `way`.
pub(super) async fn curl(options: &str, way: &Way, url: String) -> Result<(u64, String)> {
    let got = ask(&format!("curl --http1.1 {options}"), way, &[Ask::get(url)]).await?.remove(0);
    Ok((got.status, String::from_utf8_lossy(&got.body).into_owned()))
}

/// Checks that a request to `url` fails in the upstream's handshake, and that the message, which the client gets and
/// the record has, contains all of `expect`.
pub(super) async fn assert_handshake_fails(dashcam: &Dashcam, url: &str, expect: &[&str]) -> Result<()> {
    let (status, text) = curl("", &through(dashcam), url.to_owned()).await?;
    assert_eq!(status, 502, "{url}: {text}");
    let (_, path) = url.rsplit_once('/').context("no path")?;
    let failure = dashcam.api().ended(&format!("/{path}")).await?["failure"].clone();
    assert_eq!(
        (&failure["side"], &failure["stage"]),
        (&"upstream".into(), &"tls_handshake".into()),
        "{failure}"
    );
    let message = failure["message"].as_str().context("no message")?;
    println!("{path}: {message}");
    let told: serde_json::Value = serde_json::from_str(&text).context("the answer is no JSON")?;
    assert_eq!(told["error"]["message"], message);
    for part in expect {
        assert!(message.contains(part), "{url}: \u{201c}{part}\u{201d} is missing in: {message}");
    }
    Ok(())
}

/// The site behind `config`.
pub(super) async fn origin(config: ServerConfig) -> Result<Origin> {
    Origin::start("127.0.0.1:0", Some(Arc::new(config).into())).await
}

/// A server's TLS that demands a certificate of `ca` from its clients.
pub(super) fn demanding(
    own: &Issued,
    ca: &TestCa,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<ServerConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots(&ca.file())?), Arc::clone(&provider))
            .build()?;
    let (chain, key) = own.for_rustls();
    Ok(ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)?)
}

pub(super) fn roots(file: &Path) -> Result<RootCertStore> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(file)?)?;
    Ok(roots)
}

/// A client's TLS that trusts `ca`, offers `alpn`, and has nothing to show.
pub(super) fn client(ca: &Path, alpn: &[&str]) -> Result<ClientConfig> {
    client_with(ca, alpn, rustls::ALL_VERSIONS)
}

/// The same, with only some versions.
pub(super) fn client_with(
    ca: &Path,
    alpn: &[&str],
    versions: &[&'static SupportedProtocolVersion],
) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .with_root_certificates(roots(ca)?)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Ok(config)
}

/// A connection to `address`, on which TLS can be begun: a tunnel to `authority` if there is one.
pub(super) async fn connect(address: SocketAddr, authority: Option<&str>) -> Result<TcpStream> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = TcpStream::connect(address).await?;
    if let Some(authority) = authority {
        stream
            .write_all(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes())
            .await?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within("an answer to CONNECT", async { Ok(stream.read_u8().await?) }).await?);
        }
        anyhow::ensure!(head.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&head));
    }
    Ok(stream)
}

/// TLS with whoever is `name` there.
pub(super) async fn handshake(
    config: ClientConfig,
    name: &str,
    io: TcpStream,
) -> Result<TlsStream<TcpStream>> {
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from(name.to_owned())?;
    within("a TLS handshake", async { Ok(connector.connect(name, io).await?) }).await
}

/// `GET target` over `io`: the status.
pub(super) async fn get(io: TlsStream<TcpStream>, target: &str, host: &str) -> Result<u16> {
    let mut io: dashcam_tests::origin::Stream = tokio::io::BufReader::new(Box::new(io));
    raw::get(&mut io, target, host).await?.head.status()
}

/// Writes `text` to a new file in `folder`.
pub(super) fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, text)?;
    Ok(path)
}
