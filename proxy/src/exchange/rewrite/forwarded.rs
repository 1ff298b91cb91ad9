//! Fields that tell the upstream behind a reverse listener who asked, for what (RFC 7239 and its forerunners).

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::OnceLock;

use dashcam_exchange::{Headers, Names};

use crate::http::claims::is_claim;

/// The fields that tell it.
const TOLD: Names = Names::new(&["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"]);

/// Fields for an upstream. They are the same for nearly all requests of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Forwarded {
    /// The host that the client asked for.
    asked: String,
    client: String,
    proto: &'static str,
    forwarded: String,
    /// All of that as fields, for a request that has none of them.
    fields: Headers,
}

/// The fields of one connection's requests, once one of them had some.
pub(crate) type Known = OnceLock<Forwarded>;

/// The fields for a request of `client` for `asked`; `decrypted` if it came in TLS.
pub(super) fn tell<'r>(known: &'r Known, client: IpAddr, decrypted: bool, asked: &str) -> Cow<'r, Forwarded> {
    let new = || Forwarded::new(client, decrypted, asked);
    // Of two that come first one stays; the other is told by itself.
    let first = known.get_or_init(new);
    if first.asked == asked { Cow::Borrowed(first) } else { Cow::Owned(new()) }
}

impl Forwarded {
    fn new(client: IpAddr, decrypted: bool, asked: &str) -> Self {
        let client = client.to_canonical();
        let proto = if decrypted { "https" } else { "http" };
        let node = if client.is_ipv6() { format!("\"[{client}]\"") } else { client.to_string() };
        let (asked, client) = (asked.to_owned(), client.to_string());
        let forwarded = format!("for={node};host=\"{asked}\";proto={proto}");
        let mut told = Self { asked, client, proto, forwarded, fields: Headers::default() };
        let mut fields = Headers::default();
        told.add_each(&mut fields);
        told.fields = fields;
        told
    }

    /// Adds it to what those before us have told who are trusted.
    pub(super) fn add(&self, headers: &mut Headers) {
        if headers.contains_any(&TOLD) {
            self.add_each(headers);
        } else {
            headers.append(&self.fields);
        }
    }

    fn add_each(&self, headers: &mut Headers) {
        append(headers, "X-Forwarded-For", &self.client);
        if !headers.contains("x-forwarded-proto") {
            headers.add("X-Forwarded-Proto", self.proto);
        }
        if !headers.contains("x-forwarded-host") {
            headers.add("X-Forwarded-Host", &self.asked);
        }
        append(headers, "Forwarded", &self.forwarded);
    }
}

/// Takes out what a client says of whom it asks for.
pub(super) fn forget(headers: &mut Headers) {
    if headers.iter().any(|(name, _)| is_claim(name)) {
        headers.retain(|name, _| !is_claim(name));
    }
}

fn append(headers: &mut Headers, name: &'static str, value: &str) {
    if !headers.contains(name) {
        return headers.add(name, value);
    }
    let before: Vec<_> = headers.all(name).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
    let all = before.iter().map(String::as_str).chain([value]).collect::<Vec<_>>().join(", ");
    headers.set(name, all);
}
