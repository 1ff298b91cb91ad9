//! Hellos of real programs: `openssl-*` are the first flights of programs that use OpenSSL as it is.

use super::*;

macro_rules! hello {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../hellos/", $name, ".hello")).as_slice())
    };
}

const HELLOS: [((&str, &[u8]), Runtime); 21] = [
    (hello!("bun"), Runtime::Bun),
    (hello!("chromium"), Runtime::Chromium),
    (hello!("firefox"), Runtime::Firefox),
    (hello!("gnutls-cli"), Runtime::Gnutls),
    (hello!("gnutls-git"), Runtime::Gnutls),
    (hello!("gnutls-wget"), Runtime::Gnutls),
    (hello!("go1.27"), Runtime::Go),
    (hello!("java17"), Runtime::Java),
    (hello!("java17-url"), Runtime::Java),
    (hello!("java25"), Runtime::Java),
    (hello!("node20"), Runtime::Node),
    (hello!("node20-https"), Runtime::Node),
    (hello!("openssl"), Runtime::Openssl),
    (hello!("openssl-curl"), Runtime::Openssl),
    (hello!("openssl-perl"), Runtime::Openssl),
    (hello!("openssl-python-debian"), Runtime::Openssl),
    (hello!("openssl-ruby"), Runtime::Openssl),
    (hello!("php"), Runtime::Php),
    (hello!("python"), Runtime::Python),
    (hello!("rustls-deno"), Runtime::Rustls),
    (hello!("rustls-uv"), Runtime::Rustls),
];

fn digest_of(name: &str) -> u64 {
    let ((_, bytes), _) = HELLOS.iter().find(|((known, _), _)| *known == name).unwrap();
    HelloShape::of(bytes).unwrap().digest
}

#[test]
fn each_runtime_is_known_by_its_hello() {
    for ((name, bytes), runtime) in HELLOS {
        assert_eq!(HelloShape::of(bytes).unwrap().runtime, Some(runtime), "{name}");
    }
}

#[test]
fn browsers_are_known_also_where_their_name_is_not() {
    for ((name, bytes), _) in HELLOS {
        let shape = HelloShape::of(bytes).unwrap();
        assert_eq!(shape.is_browser(), ["chromium", "firefox"].contains(&name), "{name}");
    }
    // A browser with other cipher suites.
    let ((_, chromium), _) = HELLOS[1];
    let mut other = chromium.to_vec();
    other[5 + 4 + 34 + 1 + 32 + 2 + 2 + 1] = 0x04;
    let shape = HelloShape::of(&other).unwrap();
    assert_eq!((shape.runtime, shape.is_browser()), (None, true));
}

#[test]
fn programs_are_told_apart_and_connections_of_one_are_not() {
    assert_eq!(digest_of("java17"), digest_of("java17-url"), "with and without ALPN and a name");
    let others = ["bun", "chromium", "firefox", "go1.27", "java17", "java25", "node20", "php", "python"];
    for (index, name) in others.iter().enumerate() {
        for other in &others[index + 1..] {
            assert_ne!(digest_of(name), digest_of(other), "{name} and {other}");
        }
    }
    assert_ne!(digest_of("openssl-curl"), digest_of("python"));
}

/// The handshake message of a record, cut into records of `size`.
fn cut(record: &[u8], size: usize) -> Vec<u8> {
    let mut records = Vec::new();
    for piece in record[5..].chunks(size) {
        records.extend_from_slice(&[0x16, 3, 1]);
        records.extend_from_slice(&u16::try_from(piece.len()).unwrap().to_be_bytes());
        records.extend_from_slice(piece);
    }
    records
}

#[test]
fn records_and_grease_and_the_order_of_extensions_do_not_matter() {
    let ((_, chromium), _) = HELLOS[1];
    let whole = HelloShape::of(chromium);
    assert_eq!(HelloShape::of(&cut(chromium, 100)), whole);
    assert_eq!(HelloShape::of(&cut(chromium, 1)), whole);
    let message = &chromium[5..];
    let parsed = choices(message).unwrap();
    let mut turned = parsed.extensions.clone();
    turned.reverse();
    let ciphers: Vec<u16> = parsed.ciphers.into_iter().filter(|value| !is_grease(*value)).collect();
    let without = |extensions: Vec<(u16, &'static [u8])>| {
        digest(&ciphers, extensions.into_iter().filter(|(kind, _)| !is_grease(*kind)).collect())
    };
    assert_eq!(without(turned), whole.unwrap().digest);
}

#[test]
fn cut_and_damaged_hellos_have_no_shape_or_an_unknown_one() {
    let ((_, python), _) = HELLOS[18];
    for length in 0..python.len() {
        // Whatever comes of it, nothing breaks.
        let _ = HelloShape::of(&python[..length]);
    }
    assert_eq!(HelloShape::of(b""), None);
    let mut other = python.to_vec();
    // The first cipher suite.
    other[5 + 4 + 34 + 1 + 32 + 2 + 1] = 0x55;
    assert_eq!(HelloShape::of(&other).unwrap().runtime, None);
}
