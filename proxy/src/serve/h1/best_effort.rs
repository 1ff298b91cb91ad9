//! As much as can be read of a request's head that is refused: for the record, never for the wire.

use dashcam_exchange::{Headers, RequestHead, Version};

/// How much of a refused head is looked at.
const LOOKED_AT: usize = 64 << 10;
/// A longer first word is no method.
const LONGEST_METHOD: usize = 64;

/// The head that `bytes` begin with, as well as it can be read: lines however they end, a field's name up to the
/// first colon, a line without one as a name without a value.
pub(super) fn request(bytes: &[u8]) -> RequestHead {
    let bytes = &bytes[..bytes.len().min(LOOKED_AT)];
    let mut lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = lines.by_ref().find(|line| !line.is_empty()).unwrap_or_default();
    let (method, target, version) = request_line(&latin1(first));
    let mut headers = Headers::default();
    for line in lines.take_while(|line| !line.is_empty()) {
        if is_credential(line) {
            headers.push("Proxy-Authorization", "[redacted]");
            continue;
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = colon.map_or((line, &b""[..]), |at| (&line[..at], line[at + 1..].trim_ascii()));
        headers.push(name, value);
    }
    RequestHead { method, target, authority: None, version, headers }
}

/// Returns whether a line, however damaged, may hold a credential for the proxy, or go on with one (folded):
/// the recorder knows it by the field's name alone.
fn is_credential(line: &[u8]) -> bool {
    let name = b"proxy-authorization";
    let line = line.trim_ascii_start();
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        || line.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"basic "))
}

fn request_line(line: &str) -> (String, String, Version) {
    let (method, rest) = line.split_once([' ', '\t']).unwrap_or(("", line));
    if method.len() > LONGEST_METHOD {
        return (String::new(), line.to_owned(), Version::Http11);
    }
    let (target, version) = match rest.rsplit_once(" HTTP/") {
        Some((target, version)) => (target, version.trim()),
        None => (rest, "1.1"),
    };
    let version = if version == "1.0" { Version::Http10 } else { Version::Http11 };
    (method.to_owned(), target.trim().to_owned(), version)
}

/// Bytes as the characters of the same numbers: nothing is lost.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expect: (&str, &str, &[(&str, &str)])) {
        let head = request(bytes);
        let fields: Headers = expect.2.iter().copied().collect();
        assert_eq!(
            (head.method.as_str(), head.target.as_str(), &head.headers),
            (expect.0, expect.1, &fields)
        );
    }

    #[test]
    fn what_is_refused_is_read_as_well_as_it_can_be() {
        check(
            b"GET /a HTTP/1.1\r\nHost : a\r\nB:c\r\n\r\nbody: x",
            ("GET", "/a", &[("Host ", "a"), ("B", "c")]),
        );
        check(
            b"POST  /a b HTTP/1.1\nno colon\n fold: x\n",
            ("POST", "/a b", &[("no colon", ""), (" fold", "x")]),
        );
        check(b"\x00\xff\r\n", ("", "\u{0}\u{ff}", &[]));
        check(b"", ("", "", &[]));
        let hidden = ("Proxy-Authorization", "[redacted]");
        check(
            b"GET / HTTP/1.1\r\nproxy-authorization : Basic dTpw\r\nA: b",
            ("GET", "/", &[hidden, ("A", "b")]),
        );
        check(b"GET / HTTP/1.1\r\nProxy-Authorization:\r\n Basic dTpw\r\n", ("GET", "/", &[hidden, hidden]));
        check(b"GET / HTTP/1.1\r\nProxy-Authorization Basic dTpw\r\n", ("GET", "/", &[hidden]));
    }
}
