//! Header fields: each is read as what its name says it is.

use dashcam_exchange::Headers;

use super::credentials::begins_with_scheme;
use crate::how::On;
use crate::names::{Decision, Place, Treatment};
use crate::placeholder::is_all;
use crate::redactor::Redactor;

/// The kinds of fields whose values have parts of their own.
enum Kind {
    Cookie,
    SetCookie,
    Credentials,
    Subprotocols,
    Links,
    Refresh,
    Other,
}

impl Redactor<'_> {
    /// Redacts the values of header fields, or of trailers. Nothing is copied if nothing is found.
    pub fn fields(&mut self, on: On, headers: &mut Headers) {
        let loud = self.loud(on, headers);
        if loud.is_empty() {
            return;
        }
        let mut index = 0;
        headers.replace_values(|name, value| {
            index += 1;
            if loud.contains(index - 1) {
                self.came(value, |this, value| this.value(on, name, value))
            } else {
                None
            }
        });
    }

    /// The value of the field `name`, where it has secrets.
    fn value(&mut self, on: On, name: &[u8], value: &[u8]) -> Option<Vec<u8>> {
        if value.is_empty() {
            return None;
        }
        let decision = self.names.decide(on, Place::Header, name);
        match (decision, kind(name)) {
            (Decision::Keep, _) => None,
            (Decision::Replace(treatment), Kind::Credentials) => self.credentials(treatment, value),
            (Decision::Replace(treatment), _) if treatment.takes(value) => self.secret(treatment, value),
            (_, Kind::Cookie) => self.cookies(on, value),
            (_, Kind::SetCookie) => self.set_cookie(on, value),
            (_, Kind::Subprotocols) => self.subprotocols(on, value),
            (_, Kind::Links) => self.links(on, value),
            (_, Kind::Refresh) => self.refresh(on, value),
            _ if is_url(value) => self.url(on, value),
            _ => self.text(on, value),
        }
    }

    /// A value that is a secret as a whole, but for the scheme that may stand before it.
    fn secret(&mut self, treatment: Treatment<'_>, value: &[u8]) -> Option<Vec<u8>> {
        if begins_with_scheme(value) {
            return self.credentials(treatment, value);
        }
        if is_all(value) {
            return None;
        }
        let mut out = Vec::with_capacity(64);
        self.replacer.put(treatment.kind, treatment.how, value, &mut out);
        Some(out)
    }
}

/// Returns whether a field's value has no parts of its own.
pub(super) fn is_of_one_part(name: &[u8]) -> bool {
    matches!(kind(name), Kind::Other)
}

fn kind(name: &[u8]) -> Kind {
    let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
    match name.len() {
        4 if is("link") => Kind::Links,
        6 if is("cookie") => Kind::Cookie,
        6 if is("x-wsse") => Kind::Credentials,
        7 if is("refresh") => Kind::Refresh,
        10 if is("set-cookie") => Kind::SetCookie,
        11 if is("set-cookie2") => Kind::SetCookie,
        22 if is("sec-websocket-protocol") => Kind::Subprotocols,
        _ if name.len() >= 13 && name[name.len() - 13..].eq_ignore_ascii_case(b"authorization") => {
            Kind::Credentials
        }
        _ => Kind::Other,
    }
}

/// Returns whether a value is a URL with something in it that may be a secret's name.
pub(super) fn is_url(value: &[u8]) -> bool {
    let is_absolute = || {
        let scheme = memchr::memchr(b':', &value[..value.len().min(24)]);
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        scheme.is_some_and(|at| value[at..].starts_with(b"://") && value[..at].iter().all(is_part))
    };
    (matches!(value[0], b'/' | b'?' | b'#' | b'.') || is_absolute()) && !value.contains(&b' ')
}
