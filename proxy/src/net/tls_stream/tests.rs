//! Tests that bytes come out at one end as they went in at the other, in whatever pieces they travel, and
//! that an end is what it was.

use std::sync::Arc;

use dashcam_ca::Authority;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::net::tls_stream::*;

/// Both ends of a TLS connection over a pipe that holds `room` bytes.
pub(crate) async fn pair(room: usize) -> (Io, Io) {
    let home = tempfile::tempdir().unwrap();
    let (authority, _) = Authority::open_or_create(home.path()).unwrap();
    let leaf = authority.leaf("localhost").await.unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(leaf)));
    // Nobody would read tickets, and a small pipe would be full of them.
    server.send_tls13_tickets = 0;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.root_pem().as_bytes()).unwrap()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (near, far) = duplex(room);
    let name = ServerName::try_from("localhost").unwrap();
    let (client, server) = tokio::join!(
        TlsConnector::from(Arc::new(client)).connect(name, Io::from(near)),
        TlsAcceptor::from(Arc::new(server)).accept(Io::from(far)),
    );
    (client.unwrap().into(), server.unwrap().into())
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn bytes_pass_in_whatever_pieces() {
    for (room, length) in [(7, 5_000), (1 << 10, 100_000), (256 << 10, 1 << 20)] {
        let (mut client, mut server) = pair(room).await;
        let sent = pattern(length);
        let write = async {
            client.write_all(&sent).await.unwrap();
            client.shutdown().await.unwrap();
        };
        let mut received = Vec::new();
        let (_, read) = tokio::join!(write, server.read_to_end(&mut received));
        assert_eq!(read.unwrap(), length, "through {room} bytes");
        assert!(received == sent, "through {room} bytes");
    }
}

#[tokio::test]
async fn little_room_takes_all_in_turn() {
    let (mut client, mut server) = pair(256 << 10).await;
    let sent = pattern(50_000);
    client.write_all(&sent).await.unwrap();
    client.flush().await.unwrap();
    let mut received = Vec::new();
    while received.len() < sent.len() {
        let mut piece = [0; 1000];
        let length = server.read(&mut piece).await.unwrap();
        assert!(length > 0);
        received.extend_from_slice(&piece[..length]);
    }
    assert!(received == sent);
}

#[tokio::test]
async fn an_end_without_a_farewell_is_told_behind_the_bytes() {
    let (mut client, mut server) = pair(64 << 10).await;
    client.write_all(b"cut").await.unwrap();
    client.flush().await.unwrap();
    drop(client);
    let mut received = Vec::new();
    let error = server.read_to_end(&mut received).await.unwrap_err();
    assert_eq!((received.as_slice(), error.kind()), (&b"cut"[..], io::ErrorKind::UnexpectedEof));
    assert!(error.to_string().contains("without announcing its end"), "{error}");
}

#[tokio::test]
async fn a_farewell_can_be_omitted() {
    let (mut client, mut server) = pair(64 << 10).await;
    client.write_all(b"all").await.unwrap();
    client.omit_farewell();
    client.shutdown().await.unwrap();
    let mut received = Vec::new();
    let error = server.read_to_end(&mut received).await.unwrap_err();
    assert_eq!(received, b"all");
    assert!(Unannounced::is(&error), "{error}");
}

#[tokio::test]
async fn what_was_forged_is_told_behind_the_bytes() {
    let (mut client, mut server) = pair(64 << 10).await;
    client.write_all(b"true").await.unwrap();
    client.flush().await.unwrap();
    let Some(stream) = client.tls_stream() else { panic!("it has TLS") };
    stream.io.write_all(&[23, 3, 3, 0, 20]).await.unwrap();
    stream.io.write_all(&[0; 20]).await.unwrap();
    let mut received = [0; 64];
    assert_eq!(server.read(&mut received).await.unwrap(), 4);
    let error = server.read(&mut received).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    // And the other side hears of it.
    let error = client.read(&mut received).await.unwrap_err();
    assert!(error.to_string().contains("bad_record_mac"), "{error}");
}

#[tokio::test]
async fn who_has_said_farewell_can_still_read() {
    let (mut client, mut server) = pair(64 << 10).await;
    client.shutdown().await.unwrap();
    let mut received = Vec::new();
    assert_eq!(server.read_to_end(&mut received).await.unwrap(), 0);
    server.write_all(b"late").await.unwrap();
    server.shutdown().await.unwrap();
    assert_eq!(client.read_to_end(&mut received).await.unwrap(), 4);
}
