//! A client that trusts the root shakes hands with a server that shows a leaf, over both versions of TLS.

use std::sync::Arc;

use dashcam_ca::Authority;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{TlsAcceptor, TlsConnector};

#[derive(Debug)]
struct Show(Arc<CertifiedKey>);

impl ResolvesServerCert for Show {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

async fn shake_hands(
    trusted: &str,
    leaf: Arc<CertifiedKey>,
    host: &str,
    version: &'static SupportedProtocolVersion,
) -> std::io::Result<String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Show(leaf)));
    let (near, far) = tokio::io::duplex(16 * 1024);
    let name = ServerName::try_from(host.to_owned()).unwrap();
    let serving = async {
        let mut stream = TlsAcceptor::from(Arc::new(server)).accept(far).await?;
        stream.write_all(b"hello").await?;
        stream.shutdown().await
    };
    let asking = async {
        let mut stream = TlsConnector::from(Arc::new(client)).connect(name, near).await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok(text)
    };
    let (served, asked) = tokio::join!(serving, asking);
    served.and(asked)
}

#[tokio::test]
async fn a_client_that_trusts_the_root_is_satisfied() {
    let home = tempfile::tempdir().unwrap();
    let (authority, _) = Authority::open_or_create(home.path()).unwrap();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        for host in ["example.com", "my_service.internal", "127.0.0.1", "::1"] {
            let leaf = authority.leaf(host).await.unwrap();
            let text = shake_hands(authority.root_pem(), leaf, host, version).await;
            assert_eq!(text.unwrap(), "hello", "{host} {version:?}");
        }
    }
}

#[tokio::test]
async fn others_are_not() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (authority, _) = Authority::open_or_create(home.path()).unwrap();
    let (stranger, _) = Authority::open_or_create(other.path()).unwrap();
    let leaf = authority.leaf("example.com").await.unwrap();
    let tls13 = &rustls::version::TLS13;
    let wrong_root = shake_hands(stranger.root_pem(), Arc::clone(&leaf), "example.com", tls13).await;
    assert!(wrong_root.is_err());
    let wrong_host = shake_hands(authority.root_pem(), leaf, "example.org", tls13).await;
    assert!(wrong_host.is_err());
}
