//! Connections to upstreams and certificates.

use dashcam_exchange::{
    Certificate, Fingerprint, Record, Timestamp, TlsFacts, UpstreamConnection, UpstreamConnectionId,
};

use crate::samples::store;

fn named(der: &[u8]) -> Certificate {
    Certificate::named(Certificate::new(der).sha256)
}

fn shown(der: &[u8], at: i64) -> Record {
    Record::Certificate { certificate: Certificate::new(der), at: Timestamp(at) }
}

fn rich(id: i64) -> UpstreamConnection {
    UpstreamConnection {
        id: UpstreamConnectionId(id),
        opened_at: Timestamp(5),
        destination: "a.example:443".to_owned(),
        address: "[::1]:443".to_owned(),
        local_address: Some("[::1]:50000".to_owned()),
        dns_us: Some(1),
        connect_us: Some(2),
        tls_us: Some(3),
        tls: Some(TlsFacts {
            version: "TLSv1.3".to_owned(),
            cipher: "TLS13_AES_256_GCM_SHA384".to_owned(),
            sni: Some("a.example".to_owned()),
            alpn: Some("h2".to_owned()),
            certificates: vec![named(b"leaf"), named(b"root")],
        }),
        client_certificate: Some(named(b"ours")),
        parent: Some("http://proxy.example:3128".to_owned()),
        tried: Some("[::2]:443 refused the connection".to_owned()),
    }
}

fn plain(id: i64) -> UpstreamConnection {
    UpstreamConnection {
        local_address: None,
        dns_us: None,
        connect_us: None,
        tls_us: None,
        tls: None,
        client_certificate: None,
        parent: None,
        tried: None,
        ..rich(id)
    }
}

#[tokio::test]
async fn connections_come_back_as_they_were() {
    let (_place, store) = store().await;
    let record = |connection| Record::UpstreamConnection(Box::new(connection));
    store.sink().append(vec![record(rich(1)), record(plain(7))]).await.unwrap();
    assert_eq!(store.reader().upstream_connection(UpstreamConnectionId(1)).await.unwrap(), Some(rich(1)));
    assert_eq!(store.reader().upstream_connection(UpstreamConnectionId(7)).await.unwrap(), Some(plain(7)));
    assert_eq!(store.reader().upstream_connection(UpstreamConnectionId(2)).await.unwrap(), None);
    assert_eq!(store.reader().last_ids().await.unwrap().upstream_connection, UpstreamConnectionId(7));
}

#[tokio::test]
async fn a_certificate_is_stored_once() {
    let (_place, store) = store().await;
    store.sink().append(vec![shown(b"leaf", 1), shown(b"root", 2), shown(b"leaf", 3)]).await.unwrap();
    store.sink().append(vec![shown(b"root", 4), shown(b"other", 5)]).await.unwrap();
    for der in [b"leaf".as_slice(), b"root", b"other"] {
        let stored = store.reader().certificate(Certificate::new(der).sha256).await.unwrap();
        assert_eq!(stored.as_deref(), Some(der));
    }
    assert_eq!(store.reader().certificate(Fingerprint([0; 32])).await.unwrap(), None);
}
