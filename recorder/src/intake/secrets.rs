//! Secrets of dashcam's own, which are recorded nowhere, wherever they stand in what passes.
//!
//! The page's token and its cookies are overwritten byte by byte: what is recorded keeps its length. The credential for
//! the proxy itself keeps its scheme. What is compressed is not looked into.

use dashcam_exchange::{BodyRecord, Headers, RequestHead, ResponseHead};
use memchr::memchr_iter;
use memchr::memmem::Finder;

/// The text in place of a credential.
const REDACTED: &str = "[redacted]";
/// The byte in place of each byte of a secret.
const FILL: u8 = b'*';
/// How many secrets are known: those that were replaced may still be on their way.
const MOST: usize = 4;
/// A shorter one would be found where it is none.
const SHORTEST: usize = 16;
/// How the names of the page's cookies begin.
const COOKIES: &[u8] = b"dashcam_";
/// The fields in which a request for an address of our own says something in confidence.
const CONFIDENTIAL: [&str; 3] = ["cookie", "authorization", "proxy-authorization"];

/// The secrets that are to be recorded nowhere.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrets {
    secrets: Vec<Secret>,
}

/// One of them. Its beginning is looked for: that is the fastest, and long enough to be rare.
#[derive(Debug, Clone)]
struct Secret {
    whole: Box<[u8]>,
    beginning: Finder<'static>,
}

impl Secrets {
    /// These and `secret`; of many the oldest is forgotten.
    pub(super) fn and(&self, secret: &str) -> Self {
        let mut more = self.clone();
        if secret.len() < SHORTEST || more.secrets.iter().any(|known| *known.whole == *secret.as_bytes()) {
            return more;
        }
        if more.secrets.len() == MOST {
            more.secrets.remove(0);
        }
        let beginning = Finder::new(&secret.as_bytes()[..SHORTEST]).into_owned();
        more.secrets.push(Secret { whole: secret.as_bytes().into(), beginning });
        more
    }

    /// Hides what is secret in a request's head. Whether there was any.
    pub(super) fn request(&self, head: &mut RequestHead) -> bool {
        let mut hid = self.text(&mut head.target);
        if head.headers.contains("proxy-authorization") {
            head.headers = head.headers.with_values(|name, value| {
                name.eq_ignore_ascii_case(b"proxy-authorization").then(|| without_credential(value))
            });
            hid = true;
        }
        self.fields(&mut head.headers) | hid
    }

    /// Hides what is secret in a response's head. Whether there was any.
    pub(super) fn response(&self, head: &mut ResponseHead) -> bool {
        self.fields(&mut head.headers)
    }

    /// Hides what is secret in fields. Whether there was any.
    pub(super) fn fields(&self, fields: &mut Headers) -> bool {
        let mut hid = false;
        for name in ["cookie", "set-cookie"] {
            fields.change_values(name, |value| hid |= Self::cookies(value));
        }
        for secret in &self.secrets {
            hid |= fields.overwrite(|bytes| secret.find(bytes), FILL);
        }
        hid
    }

    fn bytes(&self, bytes: &mut [u8]) {
        for secret in &self.secrets {
            let mut from = 0;
            while let Some(found) = secret.find(&bytes[from..]) {
                bytes[from + found.start..from + found.end].fill(FILL);
                from += found.end;
            }
        }
    }

    /// Hides what is secret in what is held of a body that has `ended` or goes on. How many bytes at its end may be the
    /// beginning of a secret: what follows will tell.
    pub(super) fn body(&self, body: &mut BodyRecord, ended: bool) -> usize {
        self.end(&mut body.rest, body.truncated);
        if ended || body.truncated { 0 } else { self.begun(&body.rest) }
    }

    /// Hides what is secret in `bytes`, behind which nothing is kept; if they are `cut`, the beginning of a secret too.
    pub(super) fn end(&self, bytes: &mut [u8], cut: bool) {
        self.bytes(bytes);
        if cut {
            let begun = self.begun(bytes);
            let whole = bytes.len() - begun;
            bytes[whole..].fill(FILL);
        }
    }

    /// How many of the last bytes may be the beginning of a secret.
    pub(super) fn begun(&self, bytes: &[u8]) -> usize {
        self.secrets.iter().map(|secret| secret.begun(bytes)).max().unwrap_or(0)
    }

    pub(super) fn text(&self, text: &mut String) -> bool {
        if !self.secrets.iter().any(|secret| secret.find(text.as_bytes()).is_some()) {
            return false;
        }
        let mut bytes = std::mem::take(text).into_bytes();
        self.bytes(&mut bytes);
        *text = String::from_utf8(bytes).unwrap_or_else(|_| REDACTED.to_owned());
        true
    }

    /// Hides the values of the page's cookies in a field `Cookie` or `Set-Cookie`.
    fn cookies(field: &mut [u8]) -> bool {
        if !memchr_iter(b'_', field).any(|at| field[..=at].ends_with(COOKIES)) {
            return false;
        }
        let mut hid = false;
        for pair in field.split_mut(|byte| *byte == b';') {
            let Some(equals) = pair.iter().position(|byte| *byte == b'=') else { continue };
            let (name, value) = pair.split_at_mut(equals);
            if is_own_cookie(name.trim_ascii()) {
                value[1..].fill(FILL);
                hid = true;
            }
        }
        hid
    }
}

impl Secret {
    fn find(&self, bytes: &[u8]) -> Option<std::ops::Range<usize>> {
        let mut from = 0;
        loop {
            let at = from + self.beginning.find(&bytes[from..])?;
            if bytes[at..].starts_with(&self.whole) {
                return Some(at..at + self.whole.len());
            }
            from = at + 1;
        }
    }

    fn begun(&self, bytes: &[u8]) -> usize {
        let most = bytes.len().min(self.whole.len() - 1);
        (1..=most).rev().find(|length| bytes.ends_with(&self.whole[..*length])).unwrap_or(0)
    }
}

/// Returns whether the page's session, or its token, is in the cookie `name`.
fn is_own_cookie(name: &[u8]) -> bool {
    name == b"dashcam_token" || name.starts_with(b"dashcam_session_")
}

/// The scheme of a credential alone.
fn without_credential(value: &[u8]) -> Vec<u8> {
    let scheme = value.iter().position(u8::is_ascii_whitespace).map(|end| &value[..end]);
    match scheme {
        Some(scheme) => [scheme, b" ", REDACTED.as_bytes()].concat(),
        None => REDACTED.into(),
    }
}

/// Takes out of a request's head what was said in confidence to the address that it names.
pub(super) fn withhold(head: &mut RequestHead) {
    if let Some((path, _)) = head.target.split_once('?') {
        head.target = format!("{path}?{REDACTED}");
    }
    let is_confidential = |name: &[u8]| {
        CONFIDENTIAL.iter().any(|confidential| name.eq_ignore_ascii_case(confidential.as_bytes()))
    };
    head.headers =
        head.headers.with_values(|name, _| is_confidential(name).then(|| REDACTED.as_bytes().to_vec()));
}

#[cfg(test)]
mod tests;
