//! Tests of the offers to clients, over a pipe.

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, NoKeyLog};
use tokio_rustls::TlsConnector;

use crate::serve::tls::*;

fn server(config: &Config) -> ServerTls {
    let home = tempfile::tempdir().unwrap();
    let (authority, _) = Authority::open_or_create(home.path()).unwrap();
    ServerTls::new(config, authority, &(Arc::new(NoKeyLog {}) as Arc<dyn KeyLog>)).unwrap()
}

/// The protocol that a client with `offers` and a server that speaks `speaks` agree on, or why they don't.
async fn agreed(server: &ServerTls, offers: &[&str], speaks: Alpn) -> Result<Option<String>, String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(server.authority.root_pem().as_bytes()).unwrap()).unwrap();
    let mut client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = offers.iter().map(|name| name.as_bytes().to_vec()).collect();
    let (near, far) = tokio::io::duplex(64 << 10);
    let identity = Identity { name: "a.test".to_owned(), sni: None, runtime: None, is_browser: false };
    let connector = TlsConnector::from(Arc::new(client));
    let connecting = connector.connect(ServerName::try_from("a.test").unwrap(), near);
    let (accepted, connected) =
        tokio::join!(server.accept(far.into(), &identity, &speaks, false), connecting);
    let (_, facts) = accepted.map_err(|failed| failed.failure.message)?;
    let seen =
        connected.unwrap().get_ref().1.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
    assert_eq!(seen, facts.alpn);
    Ok(seen)
}

#[tokio::test]
async fn clients_are_offered_what_they_are_to_be_offered() {
    let server = server(&Config::default());
    let (both, http1, http2) = (Alpn::http2_and_http1, Alpn::http1, || Alpn::of([b"h2".as_slice()]));
    for (offers, speaks, expect) in [
        (&["h2", "http/1.1"][..], both(), Some("h2")),
        (&["h2", "http/1.1"], http1(), Some("http/1.1")),
        (&["h2", "http/1.1"], http2(), Some("h2")),
        (&["h2", "http/1.1"], Alpn::default(), None),
        (&["http/1.1"], both(), Some("http/1.1")),
        (&["http/1.0"], both(), Some("http/1.0")),
        (&["http/1.0"], http1(), Some("http/1.0")),
        (&["acme", "http/1.1"], both(), Some("http/1.1")),
        (&["h2"], both(), Some("h2")),
        (&["h2"], Alpn::default(), None),
        (&[], both(), None),
        (&[], Alpn::default(), None),
    ] {
        let found = agreed(&server, offers, speaks.clone()).await;
        assert_eq!(found, Ok(expect.map(str::to_owned)), "{offers:?} {speaks:?}");
    }
    for (offers, speaks) in [(&["h2"][..], http1()), (&["http/1.1"], http2()), (&["acme"], both())] {
        let why = agreed(&server, offers, speaks).await.unwrap_err();
        assert!(why.contains("ALPN"), "{why}");
    }
}

#[tokio::test]
async fn configs_are_kept_and_share_their_certificate() {
    let server = server(&Config::default());
    let face = |alpn, reverse| ConfigKey { name: Some("a.test".to_owned()), alpn, reverse };
    let first = server.config_for(face(Alpn::http1(), false)).await.unwrap();
    assert!(Arc::ptr_eq(&first, &server.config_for(face(Alpn::http1(), false)).await.unwrap()));
    let other = server.config_for(face(Alpn::default(), false)).await.unwrap();
    assert!(!Arc::ptr_eq(&first, &other));
    let leaf = async || server.authority.leaf("a.test").await.unwrap();
    assert!(Arc::ptr_eq(&leaf().await, &leaf().await));
    // What a client showed on one kind of listener says nothing on the other.
    let reverse = server.config_for(face(Alpn::http1(), true)).await.unwrap();
    assert!(
        Arc::ptr_eq(&first.ticketer, &other.ticketer) && !Arc::ptr_eq(&first.ticketer, &reverse.ticketer)
    );
}
