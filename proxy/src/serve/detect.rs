//! Finds a stream's protocol from its first bytes, without consuming them.

mod hello_shape;

use std::io::Cursor;
use std::time::Duration;

use dashcam_exchange::Detected;
use rustls::crypto::aws_lc_rs;
use rustls::server::{Acceptor, ClientHello};
use rustls::{CipherSuite, Error, NamedGroup, PeerMisbehaved, SignatureScheme, SupportedCipherSuite};
use tokio::time::timeout;

use crate::config::Timeouts;
use crate::context::Context;
use crate::net::io::Io;
pub(crate) use crate::serve::detect::hello_shape::HelloShape;

const H2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The longest method that is looked for.
const LONGEST_METHOD: usize = 32;
/// How much of a first line is looked at.
const LONGEST_LINE: usize = 4096;
/// How a TLS record begins that carries a handshake: its type, and the first half of its version.
pub(crate) const HANDSHAKE: [u8; 2] = [0x16, 0x03];
/// The type of a ClientHello.
const CLIENT_HELLO: u8 = 1;
/// The most that a record may carry.
const LARGEST_RECORD: usize = 16 << 10;
/// The most bytes that are waited for: a ClientHello of 64 KiB, in rather small records.
const LARGEST_HELLO: usize = 96 << 10;

/// The protocol of the first bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FirstBytes {
    Tls(Hello),
    Http1,
    Http2,
    Other,
    /// Nothing came in time: the server speaks first.
    Silent,
    /// The client closed without a byte.
    Closed,
}

/// The facts in a ClientHello.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hello {
    pub(crate) sni: Option<String>,
    pub(crate) alpn: Vec<Vec<u8>>,
    /// True if the client speaks only ciphers, key exchanges or signatures that we don't, or asks for a name that is none.
    pub(crate) foreign: bool,
    /// Its shape, by which clients are told apart.
    pub(crate) shape: Option<HelloShape>,
}

impl Hello {
    /// Returns whether the client would speak HTTP: it offers it, or nothing.
    pub(crate) fn offers_http(&self) -> bool {
        self.alpn.is_empty() || self.alpn.iter().any(|name| name == b"h2" || name.starts_with(b"http/1."))
    }
}

impl FirstBytes {
    /// As it is recorded.
    pub(crate) fn detected(&self) -> Option<Detected> {
        match self {
            Self::Tls(_) => Some(Detected::Tls),
            Self::Http1 => Some(Detected::Http1),
            Self::Http2 => Some(Detected::Http2),
            Self::Other => Some(Detected::Other),
            Self::Silent => Some(Detected::Silent),
            Self::Closed => None,
        }
    }

    /// The name that the client's TLS asks for.
    pub(crate) fn sni(&self) -> Option<&str> {
        match self {
            Self::Tls(hello) => hello.sni.as_deref(),
            _ => None,
        }
    }
}

/// Looks at the first bytes of a new client. At the end of dashcam, one that has sent nothing is not waited for.
pub(crate) async fn first_bytes(io: &mut Io, context: &Context) -> FirstBytes {
    let limit = context.first_bytes_limit();
    tokio::select! {
        found = detect(io, limit) => return found,
        () = context.tasks.draining.cancelled() => {}
    }
    if io.ahead().is_empty() { FirstBytes::Closed } else { detect(io, limit).await }
}

/// Looks at what `io` sends first, for `limit` at the longest.
pub(crate) async fn detect(io: &mut Io, limit: Duration) -> FirstBytes {
    let look = async {
        loop {
            if let Some(found) = classify(io.ahead()) {
                return found;
            }
            match io.look_further().await {
                Ok(0) | Err(_) if io.ahead().is_empty() => return FirstBytes::Closed,
                Ok(0) | Err(_) => return FirstBytes::Other,
                Ok(_) => {}
            }
        }
    };
    match timeout(limit, look).await {
        Ok(found) => found,
        Err(_) if io.ahead().is_empty() => FirstBytes::Silent,
        Err(_) => FirstBytes::Other,
    }
}

/// Looks at what a client sends first in a tunnel. Once it has begun as nothing but TLS or HTTP/2 does, its first flight
/// may come as slowly as a handshake may: no server speaks before it is whole.
pub(crate) async fn detect_in_tunnel(io: &mut Io, timeouts: &Timeouts) -> FirstBytes {
    match detect(io, timeouts.detect).await {
        FirstBytes::Other if has_begun(io.ahead()) => detect(io, timeouts.tls_handshake).await,
        first => first,
    }
}

/// Returns whether `bytes` are the beginning of a ClientHello or of HTTP/2's preface.
fn has_begun(bytes: &[u8]) -> bool {
    let is_preface = bytes.starts_with(b"PRI ") && H2_PREFACE.starts_with(bytes);
    is_preface || (bytes.first() == Some(&HANDSHAKE[0]) && classify(bytes).is_none())
}

/// Returns whether a client that named no protocol in its TLS begins as HTTP/2 does.
pub(crate) async fn begins_http2(io: &mut Io, context: &Context) -> bool {
    let look = async {
        while io.ahead().len() < H2_PREFACE.len() && H2_PREFACE.starts_with(io.ahead()) {
            if !matches!(io.look_further().await, Ok(1..)) {
                break;
            }
        }
    };
    tokio::select! {
        biased;
        // A silent client is HTTP/1's to give up.
        _late = timeout(context.first_bytes_limit(), look) => {}
        () = context.tasks.draining.cancelled() => {}
    }
    io.ahead().starts_with(H2_PREFACE)
}

/// Detects the protocol of `bytes`; `None` if it takes more of them to tell.
pub(crate) fn classify(bytes: &[u8]) -> Option<FirstBytes> {
    let first = bytes.first()?;
    if *first == HANDSHAKE[0] {
        return hello(bytes);
    }
    if bytes.starts_with(H2_PREFACE) {
        return Some(FirstBytes::Http2);
    }
    if H2_PREFACE.starts_with(bytes) {
        return None;
    }
    let method = bytes.iter().position(|byte| !is_token(*byte)).unwrap_or(bytes.len());
    match bytes.get(method) {
        Some(b' ') if method > 0 && method <= LONGEST_METHOD => request_line(&bytes[method + 1..]),
        Some(_) => Some(FirstBytes::Other),
        None if method > LONGEST_METHOD => Some(FirstBytes::Other),
        None => None,
    }
}

/// A method is followed by a target; other text protocols have words there too, so the version decides
/// where the first line is all there.
fn request_line(rest: &[u8]) -> Option<FirstBytes> {
    // No further, even if more has come: the verdict is not to depend on how the bytes came.
    let line = &rest[..rest.len().min(LONGEST_LINE)];
    match line.iter().position(|byte| *byte == b'\n') {
        Some(end) if rest[..end].windows(6).any(|word| word == b" HTTP/") => Some(FirstBytes::Http1),
        Some(_) => Some(FirstBytes::Other),
        None if line.len() == LONGEST_LINE => Some(FirstBytes::Http1),
        None => None,
    }
}

fn hello(bytes: &[u8]) -> Option<FirstBytes> {
    // No further, for the same reason.
    let bytes = &bytes[..bytes.len().min(LARGEST_HELLO)];
    match hello_is_whole(bytes) {
        Ok(true) => {}
        Ok(false) if bytes.len() < LARGEST_HELLO => return None,
        Ok(false) | Err(NoHello) => return Some(FirstBytes::Other),
    }
    let shape = HelloShape::of(bytes);
    let mut acceptor = Acceptor::default();
    let mut cursor = Cursor::new(bytes);
    while (cursor.position() as usize) < bytes.len() {
        if !matches!(acceptor.read_tls(&mut cursor), Ok(read) if read > 0) {
            break;
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => {
                let hello = accepted.client_hello();
                return Some(FirstBytes::Tls(Hello {
                    sni: hello.server_name().map(host_name),
                    alpn: hello.alpn().into_iter().flatten().map(<[u8]>::to_vec).collect(),
                    foreign: is_foreign(&hello),
                    shape,
                }));
            }
            Ok(None) => {}
            // The name that it asks for is none (`host:port`, a label that begins with a hyphen): our TLS takes no such.
            Err((Error::PeerMisbehaved(PeerMisbehaved::ServerNameMustContainOneHostName), _)) => {
                return Some(FirstBytes::Tls(Hello { foreign: true, shape, ..Hello::default() }));
            }
            Err(_) => break,
        }
    }
    // It may still be TLS, of a kind that we don't speak: then it is not ours to read.
    Some(FirstBytes::Other)
}

fn is_foreign(hello: &ClientHello<'_>) -> bool {
    // Those of TLS 1.2 that are signed with RSA are of no use either.
    let usable = |ours: &SupportedCipherSuite| match ours {
        SupportedCipherSuite::Tls12(suite) => suite.sign.contains(&SignatureScheme::ECDSA_NISTP256_SHA256),
        SupportedCipherSuite::Tls13(_) => true,
    };
    let known = |suite: &CipherSuite| {
        aws_lc_rs::DEFAULT_CIPHER_SUITES.iter().any(|ours| usable(ours) && ours.suite() == *suite)
    };
    let spoken = |group: &NamedGroup| aws_lc_rs::DEFAULT_KX_GROUPS.iter().any(|ours| ours.name() == *group);
    // The certificates that we issue have keys on P-256.
    !hello.signature_schemes().contains(&SignatureScheme::ECDSA_NISTP256_SHA256)
        || !hello.cipher_suites().iter().any(known)
        || hello.named_groups().is_some_and(|groups| !groups.iter().any(spoken))
}

/// A name as destinations are written: the same host may be asked for in capitals, or with a dot at the end.
fn host_name(sni: &str) -> String {
    sni.strip_suffix('.').unwrap_or(sni).to_ascii_lowercase()
}

/// Bytes that begin like TLS and are none.
struct NoHello;

/// Returns whether `bytes` have all of a ClientHello, in however many records (RFC 8446 §5.1): only then is
/// it worth reading, as it may come a byte at a time.
fn hello_is_whole(bytes: &[u8]) -> Result<bool, NoHello> {
    let (mut rest, mut start, mut length) = (bytes, Vec::<u8>::with_capacity(4), 0);
    loop {
        let Some((record, behind)) = rest.split_at_checked(5) else {
            return if HANDSHAKE.starts_with(&rest[..rest.len().min(2)]) { Ok(false) } else { Err(NoHello) };
        };
        let size = usize::from(u16::from_be_bytes([record[3], record[4]]));
        if !record.starts_with(&HANDSHAKE) || size == 0 || size > LARGEST_RECORD {
            return Err(NoHello);
        }
        let payload = &behind[..size.min(behind.len())];
        length += payload.len();
        start.extend(payload.iter().take(4 - start.len()));
        if start.first().is_some_and(|kind| *kind != CLIENT_HELLO) {
            return Err(NoHello);
        }
        if let [_, high, middle, low] = start[..]
            && length >= 4 + (usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low))
        {
            return Ok(true);
        }
        if payload.len() < size {
            return Ok(false);
        }
        rest = &behind[size..];
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests;
