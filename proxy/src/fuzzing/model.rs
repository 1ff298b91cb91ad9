//! A parser of messages that has nothing in common with the proxy's: as narrow as RFC 9112 allows senders to
//! be, over bytes that are all there.
//!
//! The proxy must not send chunk extensions: it has no use for them, and parsers differ over them.

use std::fmt;

use crate::http::claims;

/// A name and a value.
pub(super) type Field = (Vec<u8>, Vec<u8>);

/// A message whose end was seen, or one that the end of the connection will end.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Method, target and version, or version, status and reason.
    pub(super) start: [Vec<u8>; 3],
    pub(super) fields: Vec<Field>,
    pub(super) body: Vec<u8>,
    pub(super) trailers: Vec<Field>,
    pub(super) framing: Framing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Length(usize),
    Chunked,
    UntilClose,
}

/// The sender of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Proxy,
    /// A client or an origin: chunks may have extensions.
    Peer,
}

/// The message or other thing that bytes begin with, and its length; `None` if it is not all there.
pub(super) type Parsed<T> = Result<Option<(T, usize)>, String>;

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = String::from_utf8_lossy;
        let fields = |fields: &[Field]| {
            fields.iter().map(|(name, value)| format!("{}: {}", text(name), text(value))).collect::<Vec<_>>()
        };
        f.debug_struct("Message")
            .field("start", &self.start.iter().map(|word| text(word)).collect::<Vec<_>>())
            .field("fields", &fields(&self.fields))
            .field("body", &text(&self.body))
            .field("trailers", &fields(&self.trailers))
            .field("framing", &self.framing)
            .finish()
    }
}

impl Message {
    pub(super) fn all<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m [u8]> {
        let named = move |(key, _): &&Field| key.eq_ignore_ascii_case(name.as_bytes());
        self.fields.iter().filter(named).map(|(_, value)| value.as_slice())
    }

    /// The trailers that a proxy passes on: none that frame or route a message, or concern one hop (RFC 9110 §6.5.1).
    pub(super) fn passed_trailers(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        const KEPT_BACK: [&str; 12] = [
            "transfer-encoding",
            "content-length",
            "host",
            "trailer",
            "te",
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authorization",
            "proxy-authenticate",
            "upgrade",
            "http2-settings",
        ];
        let kept_back =
            |name: &[u8]| KEPT_BACK.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()));
        self.trailers
            .iter()
            .filter(|(name, _)| !kept_back(name) && !claims::is_claim(name))
            .cloned()
            .collect()
    }

    pub(super) fn method(&self) -> &[u8] {
        &self.start[0]
    }

    /// A response's status.
    pub(super) fn status(&self) -> u16 {
        std::str::from_utf8(&self.start[1]).ok().and_then(|text| text.parse().ok()).unwrap_or_default()
    }
}

/// The request at the front of `bytes` and its length; `None` if it is not all there.
pub(super) fn request(bytes: &[u8], by: By) -> Parsed<Message> {
    let Some((message, head)) = request_head(bytes)? else { return Ok(None) };
    body(message, bytes, head, by)
}

/// The same without its body.
pub(super) fn request_head(bytes: &[u8]) -> Parsed<Message> {
    let Some((mut message, head)) = head(bytes)? else { return Ok(None) };
    let [method, target, version] = &message.start;
    check(!method.is_empty() && method.iter().all(|byte| is_token(*byte)), "the method", method)?;
    check(
        !target.is_empty() && target.iter().all(|byte| *byte > b' ' && *byte != 0x7f),
        "the target",
        target,
    )?;
    check(version == b"HTTP/1.1" || version == b"HTTP/1.0", "the version", version)?;
    message.framing = framing(&message)?.unwrap_or(Framing::None);
    Ok(Some((message, head)))
}

/// The response to a request with `method` at the front of `bytes`. A body that the connection's end ends
/// takes all that is there.
pub(super) fn response(bytes: &[u8], method: &[u8], by: By) -> Parsed<Message> {
    let Some((mut message, head)) = head(bytes)? else { return Ok(None) };
    let [version, status, reason] = &message.start;
    check(version == b"HTTP/1.1" || version == b"HTTP/1.0", "the version", version)?;
    check(
        status.len() == 3 && status.iter().all(u8::is_ascii_digit) && status[0] != b'0',
        "the status",
        status,
    )?;
    check(is_text(reason), "the reason", reason)?;
    let code = message.status();
    let bodyless = method == b"HEAD" || code < 200 || code == 204 || code == 304;
    // Where there is no body, the fields tell of another response: they are the origin's to say.
    message.framing =
        if bodyless { Framing::None } else { framing(&message)?.unwrap_or(Framing::UntilClose) };
    body(message, bytes, head, by)
}

/// The start line and the fields.
fn head(bytes: &[u8]) -> Parsed<Message> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let mut lines = lines(&bytes[..end])?.into_iter();
    let start = lines.next().unwrap_or_default();
    let mut words = start.splitn(3, |byte| *byte == b' ').map(<[u8]>::to_vec);
    let (Some(first), Some(second), Some(third)) = (words.next(), words.next(), words.next()) else {
        return Err(format!("no start line: {:?}", String::from_utf8_lossy(start)));
    };
    let fields = lines.map(field).collect::<Result<_, _>>()?;
    let message = Message {
        start: [first, second, third],
        fields,
        body: Vec::new(),
        trailers: Vec::new(),
        framing: Framing::None,
    };
    Ok(Some((message, end + 4)))
}

/// Lines without their CR LF; no CR or LF stands anywhere else.
fn lines(bytes: &[u8]) -> Result<Vec<&[u8]>, String> {
    let mut lines = Vec::new();
    let mut rest = bytes;
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").unwrap_or(rest.len());
        let line = &rest[..end];
        check(!line.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)), "a line", line)?;
        lines.push(line);
        match rest.get(end + 2..) {
            Some(behind) => rest = behind,
            None => return Ok(lines),
        }
    }
}

fn field(line: &[u8]) -> Result<Field, String> {
    let colon = line.iter().position(|byte| *byte == b':').unwrap_or_default();
    let (name, value) = (&line[..colon], trim(line.get(colon + 1..).unwrap_or_default()));
    // That refuses lines without a colon, those that go on the one before, and blanks before the colon.
    check(!name.is_empty() && name.iter().all(|byte| is_token(*byte)), "a field's name", line)?;
    check(is_text(value), "a field's value", line)?;
    Ok((name.to_vec(), value.to_vec()))
}

/// The framing by the fields: one `Content-Length` of digits, or one `Transfer-Encoding: chunked`.
fn framing(message: &Message) -> Result<Option<Framing>, String> {
    let lengths: Vec<_> = message.all("content-length").collect();
    let codings: Vec<_> = message.all("transfer-encoding").collect();
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => Ok(None),
        ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Some(Framing::Chunked)),
        ([length], []) if !length.is_empty() && length.iter().all(u8::is_ascii_digit) => {
            let length = std::str::from_utf8(length).ok().and_then(|text| text.parse().ok());
            length.map(|length| Some(Framing::Length(length))).ok_or_else(|| "a length too large".to_owned())
        }
        _ => Err(format!("ambiguous framing: lengths {lengths:?}, codings {codings:?}")),
    }
}

fn body(mut message: Message, bytes: &[u8], head: usize, by: By) -> Parsed<Message> {
    let rest = &bytes[head..];
    let used = match message.framing {
        Framing::None => 0,
        Framing::UntilClose => rest.len(),
        Framing::Length(length) if length > rest.len() => return Ok(None),
        Framing::Length(length) => length,
        Framing::Chunked => {
            let Some((chunks, used)) = chunked(rest, by)? else { return Ok(None) };
            (message.body, message.trailers) = chunks;
            return Ok(Some((message, head + used)));
        }
    };
    message.body = rest[..used].to_vec();
    Ok(Some((message, head + used)))
}

type Chunks = (Vec<u8>, Vec<Field>);

/// Chunks up to the last one and the trailers: hexadecimal sizes and nothing else on their lines.
fn chunked(bytes: &[u8], by: By) -> Parsed<Chunks> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let Some(end) = bytes[at..].windows(2).position(|two| two == b"\r\n") else { return Ok(None) };
        let line = &bytes[at..at + end];
        let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (size, extensions) = line.split_at(digits);
        // Some senders pad sizes with blanks.
        let blanks = extensions.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let tail = &extensions[blanks..];
        let tolerable =
            (tail.is_empty() || tail[0] == b';') && !tail.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
        let plain = extensions.is_empty() || (by == By::Peer && tolerable);
        // Zeros in front are legal (`1*HEXDIG`), but the proxy has no reason to write them.
        let longest = if by == By::Peer { 16 } else { 8 };
        let valid = (1..=longest).contains(&digits) && plain;
        check(valid, "a chunk's size", line)?;
        let text = std::str::from_utf8(size).map_err(|error| error.to_string())?;
        let size = usize::from_str_radix(text, 16).map_err(|error| error.to_string())?;
        at += end + 2;
        if size == 0 {
            break;
        }
        let Some(data) = bytes.get(at..at + size + 2) else { return Ok(None) };
        check(data.ends_with(b"\r\n"), "a chunk's end", data)?;
        body.extend_from_slice(&data[..size]);
        at += size + 2;
    }
    if bytes[at..].starts_with(b"\r\n") {
        return Ok(Some(((body, Vec::new()), at + 2)));
    }
    let Some(end) = bytes[at..].windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let trailers = lines(&bytes[at..at + end])?.into_iter().map(field).collect::<Result<Vec<_>, _>>()?;
    // Who merges them with the fields reads another message then.
    let treacherous = |name: &[u8]| {
        [&b"content-length"[..], b"transfer-encoding", b"host"]
            .iter()
            .any(|bad| name.eq_ignore_ascii_case(bad))
    };
    let safe = by == By::Peer || !trailers.iter().any(|(name, _)| treacherous(name));
    check(safe, "the trailers", &bytes[at..at + end])?;
    Ok(Some(((body, trailers), at + end + 4)))
}

fn check(holds: bool, what: &str, bytes: &[u8]) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("{what} is malformed: {:?}", String::from_utf8_lossy(bytes))) }
}

/// Without the blanks around it, which are none of its value (RFC 9112 §5).
fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// No control characters but the tab (RFC 9110 §5.5, RFC 9112 §4).
fn is_text(bytes: &[u8]) -> bool {
    !bytes.iter().any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
