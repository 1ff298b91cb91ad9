//! Tests of the beginnings of streams, whole and in pieces.

use std::sync::Arc;

use crate::serve::detect::*;

#[test]
fn first_bytes() {
    let cases: [(&[u8], Option<FirstBytes>); 21] = [
        (b"", None),
        (b"GET", None),
        (b"GET / HT", None),
        (b"GET / HTTP/1.1\r\n", Some(FirstBytes::Http1)),
        (b"PROPFIND /x HTTP/1.1\r\n", Some(FirstBytes::Http1)),
        (b"PRI * HTTP/2.0\r\n", None),
        (H2_PREFACE, Some(FirstBytes::Http2)),
        (b"EHLO example.com\r\n", Some(FirstBytes::Other)),
        (b"SSH-2.0-OpenSSH_9\r\n", Some(FirstBytes::Other)),
        (b"\x00\x01", Some(FirstBytes::Other)),
        (b"\x16\x03\x01", None),
        (b"\x16\x99\x99\x00\x05hello", Some(FirstBytes::Other)),
        (b"\x16", None),
        (b"\x16abc", Some(FirstBytes::Other)),
        // SSL 2's hello.
        (b"\x80\x2e\x01\x03\x01\x00\x15", Some(FirstBytes::Other)),
        // SSL 3 and an unknown version of the record: the version is no matter (RFC 8446 §5.1).
        (b"\x16\x03\x00\x00\x05\x01\x00\x00\x40\x00", None),
        (b"\x16\x03\xff\x00\x05\x01\x00\x00\x40\x00", None),
        // An empty record, one that is too large, a ServerHello, a ClientHello of nonsense.
        (b"\x16\x03\x01\x00\x00", Some(FirstBytes::Other)),
        (b"\x16\x03\x01\x40\x01", Some(FirstBytes::Other)),
        (b"\x16\x03\x01\x00\x05\x02", Some(FirstBytes::Other)),
        (b"\x16\x03\x01\x00\x06\x01\x00\x00\x02ab", Some(FirstBytes::Other)),
    ];
    for (bytes, expect) in cases {
        assert_eq!(classify(bytes), expect, "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_before_the_time_limit_is_not_lost() {
    let (mut client, server) = tokio::io::duplex(64);
    let mut io = Io::from(server);
    tokio::io::AsyncWriteExt::write_all(&mut client, b"abcd").await.unwrap();
    assert_eq!(detect(&mut io, Duration::from_secs(2)).await, FirstBytes::Other);
    assert_eq!(io.ahead(), b"abcd");
}

/// The first flight of a client that asks for `name`.
fn client_hello(name: &str, alpn: &[&str]) -> Vec<u8> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = rustls::pki_types::ServerName::try_from(name.to_owned()).unwrap();
    let mut client = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut bytes = Vec::new();
    client.write_tls(&mut bytes).unwrap();
    bytes
}

/// The same handshake in records of `size` bytes.
fn in_records(hello: &[u8], size: usize) -> Vec<u8> {
    let records = hello[5..].chunks(size).map(|piece| {
        let length = u16::try_from(piece.len()).unwrap().to_be_bytes();
        [&[0x16, 3, 1], &length[..], piece].concat()
    });
    records.collect::<Vec<_>>().concat()
}

#[test]
fn a_hello_in_pieces() {
    let whole = client_hello("Example.COM", &["h2", "http/1.1"]);
    let expect = FirstBytes::Tls(Hello {
        sni: Some("example.com".to_owned()),
        alpn: vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        foreign: false,
        shape: HelloShape::of(&whole),
    });
    assert_eq!(HelloShape::of(&whole).unwrap().runtime, Some(dashcam_exchange::Runtime::Rustls));
    for bytes in [whole.clone(), in_records(&whole, 100), in_records(&whole, 1)] {
        for end in 1..bytes.len() {
            assert_eq!(classify(&bytes[..end]), None, "{end} of {}", bytes.len());
        }
        assert_eq!(classify(&bytes), Some(expect.clone()));
        // What follows is no concern of ours.
        assert_eq!(classify(&[&bytes[..], b"more"].concat()), Some(expect.clone()));
    }
}

/// A name that is none is TLS all the same.
#[test]
fn a_hello_with_an_illegal_name() {
    let whole = client_hello("example.com", &["http/1.1"]);
    let at = whole.windows(11).position(|bytes| bytes == b"example.com").unwrap();
    for (name, is_legal) in [
        ("ex_mple.com", true),
        ("_xample.com", true),
        ("exa--le.com", true),
        ("example:443", false),
        ("-xample.com", false),
        ("exampl-.com", false),
        ("exam le.com", false),
    ] {
        let mut bytes = whole.clone();
        bytes[at..at + 11].copy_from_slice(name.as_bytes());
        let Some(FirstBytes::Tls(hello)) = classify(&bytes) else { panic!("{name}: no TLS") };
        let sni = is_legal.then(|| name.to_owned());
        assert_eq!((hello.sni, hello.foreign), (sni, !is_legal), "{name}");
    }
}

#[test]
fn a_large_hello() {
    let names = (0..250).map(|number| format!("{number:0>250}")).collect::<Vec<_>>();
    let names = names.iter().map(String::as_str).collect::<Vec<_>>();
    let hello = client_hello("example.com", &names);
    assert!(hello.len() > 60_000);
    assert_eq!(classify(&hello[..hello.len() - 1]), None);
    assert!(matches!(classify(&hello), Some(FirstBytes::Tls(hello)) if hello.alpn.len() == 250));
}

/// One that never ends is given up.
#[test]
fn an_endless_hello() {
    let mut record = vec![0x16, 3, 1, 0x40, 0];
    record.resize(5 + (16 << 10), 0);
    let mut bytes = record.clone();
    bytes[5..9].copy_from_slice(&[1, 0xff, 0xff, 0xff]);
    assert_eq!(classify(&bytes), None);
    while bytes.len() <= LARGEST_HELLO {
        bytes.extend_from_slice(&record);
    }
    assert_eq!(classify(&bytes), Some(FirstBytes::Other));
}

/// No damage makes it panic.
#[test]
fn damaged_hellos() {
    let hello = client_hello("example.com", &["h2"]);
    for place in 0..hello.len() {
        for damage in [0x00, 0x01, 0x7f, 0x80, 0xff] {
            let mut damaged = hello.clone();
            damaged[place] ^= damage;
            let _any = classify(&damaged);
        }
    }
}

#[test]
fn names_with_a_dot_at_the_end() {
    assert_eq!(host_name("Example.COM."), "example.com");
}

/// Nothing is lost, however it comes.
#[tokio::test]
async fn a_hello_a_byte_at_a_time() {
    let hello = client_hello("example.com", &[]);
    let (mut client, server) = tokio::io::duplex(1);
    let sent = hello.clone();
    let sending =
        async move { tokio::io::AsyncWriteExt::write_all(&mut client, &sent).await.map(|()| client) };
    let mut io = Io::from(server);
    let (found, sending) = tokio::join!(detect(&mut io, Duration::from_secs(30)), sending);
    assert!(matches!(found, FirstBytes::Tls(_)), "{found:?}");
    assert!(sending.is_ok());
    assert_eq!(io.ahead(), hello);
}

#[test]
fn a_long_first_line_is_judged_by_its_beginning() {
    let line = format!("WORD {}\n", "a".repeat(2 * LONGEST_LINE));
    assert_eq!(classify(&line.as_bytes()[..100]), None);
    for length in [LONGEST_LINE + 5, LONGEST_LINE + 100, line.len()] {
        assert_eq!(classify(&line.as_bytes()[..length]), Some(FirstBytes::Http1), "{length}");
    }
    assert_eq!(classify(format!("WORD {}\n", "a".repeat(100)).as_bytes()), Some(FirstBytes::Other));
}

/// The same verdict wherever a first flight is cut, with a pause there that is longer than a silent client may take.
#[tokio::test(start_paused = true)]
async fn first_flights_in_two_pieces_with_a_pause() {
    let timeouts = Timeouts::default();
    let pause = timeouts.detect + Duration::from_secs(1);
    let hello = client_hello("example.com", &["h2", "http/1.1"]);
    let preface = [H2_PREFACE, &[0, 0, 0, 4, 0, 0, 0, 0, 0]].concat();
    for (bytes, first_cut) in
        [(hello.clone(), 1), (in_records(&hello, 100), 1), (in_records(&hello, 1), 1), (preface, 4)]
    {
        let expect = classify(&bytes).unwrap();
        for cut in first_cut..bytes.len() {
            let (mut client, server) = tokio::io::duplex(1 << 20);
            let mut io = Io::from(server);
            let saying = async {
                tokio::io::AsyncWriteExt::write_all(&mut client, &bytes[..cut]).await.unwrap();
                tokio::time::sleep(pause).await;
                tokio::io::AsyncWriteExt::write_all(&mut client, &bytes[cut..]).await.unwrap();
            };
            let (found, ()) = tokio::join!(detect_in_tunnel(&mut io, &timeouts), saying);
            assert_eq!(found, expect, "cut at {cut} of {}", bytes.len());
            assert!(bytes.starts_with(io.ahead()));
        }
    }
}

/// Protocols that may be waiting for an answer are not kept from it for longer.
#[test]
fn only_what_is_nothing_else_has_more_time() {
    for (bytes, expect) in [
        (b"\x16".as_slice(), true),
        (b"\x16\x03\x01\x02", true),
        (b"\x16abc", false),
        (b"PRI ", true),
        (b"PRI * HTTP/2.0\r\n", true),
        (b"PRI", false),
        (b"PRI x", false),
        (b"EHLO", false),
        (b"", false),
    ] {
        assert_eq!(has_begun(bytes), expect, "{bytes:?}");
    }
}
