//! Heads that can be written without becoming another message.

use std::fmt;

use crate::grammar::{is_target, is_text, is_token};
use crate::{Destination, Headers, RequestHead, ResponseHead, Version};

/// Why a head is none that can be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IllegalHead {
    /// The method is no token, or is a CONNECT that opens a tunnel.
    Method(String),
    /// The target is neither a path nor, of OPTIONS, `*`, or has characters that none has.
    Target,
    /// The authority names no host.
    Authority,
    /// A field's name is no token.
    FieldName(Vec<u8>),
    /// The value of the field that is named has a control character.
    FieldValue(Vec<u8>),
    /// The status is none of 100 to 999.
    Status(u16),
    /// The reason phrase has a control character, or one beyond latin-1.
    Reason,
}

impl fmt::Display for IllegalHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(method) => write!(
                f,
                "\u{201c}{}\u{201d} is no method of a request like this (RFC 9110 §9.1)",
                method.escape_default()
            ),
            Self::Target => f.write_str(
                "the target is no path that begins with a slash, or has white space or a control character \
                (RFC 9112 §3.2)",
            ),
            Self::Authority => f.write_str("the authority names no host (RFC 9110 §7.2)"),
            Self::FieldName(name) => {
                write!(f, "\u{201c}{}\u{201d} is no field's name (RFC 9110 §5.1)", name.escape_ascii())
            }
            Self::FieldValue(name) => write!(
                f,
                "the value of the field \u{201c}{}\u{201d} has a control character (RFC 9110 §5.5)",
                name.escape_ascii()
            ),
            Self::Status(status) => write!(f, "{status} is no status (RFC 9110 §15)"),
            Self::Reason => f.write_str("the reason phrase has a control character (RFC 9112 §4)"),
        }
    }
}

impl std::error::Error for IllegalHead {}

impl RequestHead {
    /// Checks that the head can be written: as a request of HTTP/1.1, it is read as this one request and nothing more.
    ///
    /// # Errors
    /// When it can't.
    pub fn check(&self) -> Result<(), IllegalHead> {
        let opens_tunnel = self.method == "CONNECT" && self.version != Version::Http2;
        if opens_tunnel || !is_token(self.method.as_bytes()) {
            return Err(IllegalHead::Method(self.method.clone()));
        }
        let has_form = self.target.starts_with('/') || (self.target == "*" && self.method == "OPTIONS");
        if !has_form || !is_target(&self.target) {
            return Err(IllegalHead::Target);
        }
        if self.authority.as_ref().is_some_and(|authority| !Destination::is_authority(authority)) {
            return Err(IllegalHead::Authority);
        }
        self.headers.check()
    }
}

impl ResponseHead {
    /// Checks that the head can be written: as a response of HTTP/1.1, it is read as this one response and nothing more.
    ///
    /// # Errors
    /// When it can't.
    pub fn check(&self) -> Result<(), IllegalHead> {
        if !(100..1000).contains(&self.status) {
            return Err(IllegalHead::Status(self.status));
        }
        // Nearly all are that one.
        let is_reason = |reason: &str| {
            is_text(reason.as_bytes()) && reason.chars().all(|character| u32::from(character) <= 0xff)
        };
        if self.reason != "OK" && !is_reason(&self.reason) {
            return Err(IllegalHead::Reason);
        }
        self.headers.check()
    }
}

impl Headers {
    /// Checks that all fields can be written, as they are and one by one.
    ///
    /// # Errors
    /// When one can't.
    #[inline]
    pub fn check(&self) -> Result<(), IllegalHead> {
        if self.may_be_illegal() { self.check_each() } else { Ok(()) }
    }

    #[cold]
    fn check_each(&self) -> Result<(), IllegalHead> {
        self.lines().try_for_each(|(name, rest)| check_field(name, rest))
    }
}

/// Checks that a field can be written: `rest` is its value, with or without white space around it.
fn check_field(name: &[u8], rest: &[u8]) -> Result<(), IllegalHead> {
    if !is_token(name) {
        return Err(IllegalHead::FieldName(name.to_vec()));
    }
    if !is_text(rest) {
        return Err(IllegalHead::FieldValue(name.to_vec()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, target: &str, fields: &[(&str, &str)]) -> RequestHead {
        RequestHead {
            method: method.to_owned(),
            target: target.to_owned(),
            authority: None,
            version: Version::Http11,
            headers: fields.iter().copied().collect(),
        }
    }

    #[test]
    fn requests() {
        let check = |method, target, fields: &[_], expect| {
            assert_eq!(request(method, target, fields).check(), expect, "{method} {target} {fields:?}");
        };
        check("GET", "/", &[("Host", "a"), ("X-A", " \t caf\u{e9} ")], Ok(()));
        check("OPTIONS", "*", &[], Ok(()));
        for (method, target) in
            [("GET", "*"), ("GET", ""), ("GET", "a"), ("GET", "/a b"), ("GET", "/\r\n"), ("GET", "http://a/")]
        {
            check(method, target, &[], Err(IllegalHead::Target));
        }
        for method in ["", "G T", "GET\r\n", "CONNECT"] {
            check(method, "/", &[], Err(IllegalHead::Method(method.to_owned())));
        }
        for name in ["", "a b", "a:", "\r\na", ":protocol", "a\0"] {
            check("GET", "/", &[("Host", "a"), (name, "v")], Err(IllegalHead::FieldName(name.into())));
        }
        for value in ["\r\n", "a\nb", "a\r", "\0", "\u{7f}", "v\r\nInjected: yes"] {
            check("GET", "/", &[("Host", "a"), ("X", value)], Err(IllegalHead::FieldValue("X".into())));
        }
    }

    #[test]
    fn an_authority_names_a_host() {
        for (authority, expect) in [("a:1", Ok(())), ("a\r\nb", Err(IllegalHead::Authority))] {
            let head = RequestHead { authority: Some(authority.to_owned()), ..request("GET", "/", &[]) };
            assert_eq!(head.check(), expect);
        }
    }

    /// However a field came to be there, and whatever happened to its neighbours.
    #[test]
    fn every_way_to_add_a_field_is_checked() {
        let good = || request("GET", "/", &[("Host", "a")]).headers;
        let mut pushed = good();
        pushed.push_line("X", " a\nb");
        let mut set = good();
        set.set("Host", "a\r\nX: b");
        let mut removed = good();
        removed.push("X", "\n");
        removed.remove("x");
        assert_eq!(pushed.check(), Err(IllegalHead::FieldValue(b"X".to_vec())));
        assert_eq!(set.check(), Err(IllegalHead::FieldValue(b"Host".to_vec())));
        assert_eq!((good().check(), removed.check()), (Ok(()), Ok(())));
    }

    #[test]
    fn responses() {
        let head = |status, reason: &str| ResponseHead {
            version: Version::Http11,
            status,
            reason: reason.to_owned(),
            headers: Headers::default(),
        };
        for reason in ["OK", "", "\u{e9}t\u{e9}", "a\tb"] {
            assert_eq!(head(200, reason).check(), Ok(()), "{reason}");
        }
        for reason in ["a\r\nb", "\n", "\u{20ac}"] {
            assert_eq!(head(200, reason).check(), Err(IllegalHead::Reason), "{reason:?}");
        }
        for status in [0, 99, 1000] {
            assert_eq!(head(status, "").check(), Err(IllegalHead::Status(status)));
        }
    }
}
