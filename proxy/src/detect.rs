//! Finds a stream's protocol from its first bytes, without consuming them.

use std::io::Cursor;
use std::time::Duration;

use dashcam_exchange::Detected;
use rustls::server::Acceptor;
use tokio::time::timeout;

use crate::io::Io;

const H2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The longest method that is looked for.
const LONGEST_METHOD: usize = 32;
/// How much of a first line is looked at.
const LONGEST_LINE: usize = 4096;
/// The largest ClientHello that is waited for.
const LARGEST_HELLO: usize = 64 << 10;

/// What the first bytes are.
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

/// What a ClientHello says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hello {
    pub(crate) sni: Option<String>,
    pub(crate) alpn: Vec<Vec<u8>>,
}

impl Hello {
    /// Whether the client would speak HTTP: it offers it, or nothing.
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

/// What `bytes` are; `None` if it takes more of them to tell.
pub(crate) fn classify(bytes: &[u8]) -> Option<FirstBytes> {
    let first = bytes.first()?;
    if *first == 0x16 {
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
    let mut acceptor = Acceptor::default();
    let bytes = &bytes[..bytes.len().min(LARGEST_HELLO)];
    let mut cursor = Cursor::new(bytes);
    while (cursor.position() as usize) < bytes.len() {
        if !matches!(acceptor.read_tls(&mut cursor), Ok(read) if read > 0) {
            return Some(FirstBytes::Other);
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => {
                let hello = accepted.client_hello();
                return Some(FirstBytes::Tls(Hello {
                    sni: hello.server_name().map(str::to_ascii_lowercase),
                    alpn: hello.alpn().into_iter().flatten().map(<[u8]>::to_vec).collect(),
                }));
            }
            Ok(None) => {}
            // It may still be TLS, of a kind that we don't speak: then it is not ours to read.
            Err(_) => return Some(FirstBytes::Other),
        }
    }
    (bytes.len() == LARGEST_HELLO).then_some(FirstBytes::Other)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes() {
        let cases: [(&[u8], Option<FirstBytes>); 12] = [
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
        ];
        for (bytes, expect) in cases {
            assert_eq!(classify(bytes), expect, "{:?}", String::from_utf8_lossy(bytes));
        }
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

    #[tokio::test(start_paused = true)]
    async fn what_came_before_the_time_limit_is_not_lost() {
        let (mut client, server) = tokio::io::duplex(64);
        let mut io = Io::from(server);
        tokio::io::AsyncWriteExt::write_all(&mut client, b"abcd").await.unwrap();
        assert_eq!(detect(&mut io, Duration::from_secs(2)).await, FirstBytes::Other);
        assert_eq!(io.ahead(), b"abcd");
    }
}
