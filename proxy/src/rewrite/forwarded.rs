//! Who asked, for what: told to the upstream behind a reverse listener (RFC 7239 and its forerunners).

use std::borrow::Cow;

use dashcam_exchange::Headers;

use crate::message::Route;

/// What an upstream is told. It is the same for nearly all requests of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Forwarded {
    /// The host that the client asked for.
    asked: String,
    client: String,
    proto: &'static str,
    forwarded: String,
}

/// What to tell of a request for `asked`; nothing without a client, as in a replay.
pub(super) fn tell<'r>(route: &'r Route, asked: &str) -> Option<Cow<'r, Forwarded>> {
    let new = || Forwarded::new(route, asked);
    if route.forwarded.get().is_none() {
        // Of two that come first one stays; the other is told anew.
        let _ = route.forwarded.set(new()?);
    }
    match route.forwarded.get().filter(|known| known.asked == asked) {
        Some(known) => Some(Cow::Borrowed(known)),
        None => new().map(Cow::Owned),
    }
}

impl Forwarded {
    fn new(route: &Route, asked: &str) -> Option<Self> {
        let client = route.client?.ip();
        let proto = if route.decrypted { "https" } else { "http" };
        let node = if client.is_ipv6() { format!("\"[{client}]\"") } else { client.to_string() };
        Some(Self {
            asked: asked.to_owned(),
            client: client.to_string(),
            proto,
            forwarded: format!("for={node};host=\"{asked}\";proto={proto}"),
        })
    }

    /// Adds it to what proxies before us have told.
    pub(super) fn add(&self, headers: &mut Headers) {
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

fn append(headers: &mut Headers, name: &'static str, value: &str) {
    if !headers.contains(name) {
        return headers.add(name, value);
    }
    let before: Vec<_> = headers.all(name).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
    let all = before.iter().map(String::as_str).chain([value]).collect::<Vec<_>>().join(", ");
    headers.set(name, all);
}
