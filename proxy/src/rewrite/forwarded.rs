//! Who asked, for what: told to the upstream behind a reverse listener (RFC 7239 and its forerunners).

use std::borrow::Cow;

use dashcam_exchange::{Headers, Names};

use crate::message::Route;

/// The fields that tell it.
const TOLD: Names = Names::new(&["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"]);

/// What an upstream is told. It is the same for nearly all requests of a connection.
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
        let client = route.client?.ip().to_canonical();
        let proto = if route.decrypted { "https" } else { "http" };
        let node = if client.is_ipv6() { format!("\"[{client}]\"") } else { client.to_string() };
        let (asked, client) = (asked.to_owned(), client.to_string());
        let forwarded = format!("for={node};host=\"{asked}\";proto={proto}");
        let mut told = Self { asked, client, proto, forwarded, fields: Headers::default() };
        let mut fields = Headers::default();
        told.add_each(&mut fields);
        told.fields = fields;
        Some(told)
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

/// Whether a field says for whom somebody asks, by which address, name or certificate: only who is trusted may. Case makes
/// no difference, nor does `_` for `-`: CGI, and what goes by it, makes both the same.
pub(crate) fn is_claim(name: &[u8]) -> bool {
    let [first, second, third, ..] = name else { return false };
    // Most names begin otherwise.
    if !matches!(first | 0x20, b'c' | b'f' | b'p' | b's' | b't' | b'w' | b'x') {
        return false;
    }
    claims_like([plain(*first), plain(*second), plain(*third)]).iter().any(|claim| is(name, claim))
}

/// The names of such fields, by their beginning; `*` stands for whatever follows.
fn claims_like(beginning: [u8; 3]) -> &'static [&'static str] {
    match &beginning {
        b"cf-" => &["cf-connecting-ip*"],
        b"cli" => &["client-cert", "client-cert-chain", "client-ip"],
        b"fas" => &["fastly-client-ip"],
        b"fly" => &["fly-client-ip"],
        b"for" => &["forwarded"],
        b"fro" => &["front-end-https"],
        b"pro" => &["proxy-client-ip"],
        b"ssl" => &["ssl-client-*"],
        b"tru" => &["true-client-ip"],
        b"wl-" => &["wl-proxy-client-*"],
        b"x-a" => &["x-amzn-mtls-*", "x-arr-*"],
        b"x-c" => &["x-client-cert*", "x-client-dn", "x-client-ip", "x-client-verify", "x-cluster-client-ip"],
        b"x-e" => &["x-envoy-external-address"],
        b"x-f" => &["x-forwarded*"],
        b"x-o" => &["x-original-forwarded-for", "x-originating-ip"],
        b"x-r" => &["x-real-ip", "x-real-port", "x-remote-addr", "x-remote-ip"],
        b"x-s" => &["x-ssl-*"],
        b"x-t" => &["x-tls-client-*"],
        _ => &[],
    }
}

fn is(name: &[u8], claim: &str) -> bool {
    let (claim, fits) = match claim.strip_suffix('*') {
        Some(beginning) => (beginning, name.len() >= beginning.len()),
        None => (claim, name.len() == claim.len()),
    };
    fits && name.iter().zip(claim.bytes()).all(|(byte, other)| plain(*byte) == other)
}

fn plain(byte: u8) -> u8 {
    if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() }
}

fn append(headers: &mut Headers, name: &'static str, value: &str) {
    if !headers.contains(name) {
        return headers.add(name, value);
    }
    let before: Vec<_> = headers.all(name).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
    let all = before.iter().map(String::as_str).chain([value]).collect::<Vec<_>>().join(", ");
    headers.set(name, all);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims() {
        for claim in [
            "X-Forwarded-For",
            "x_forwarded_for",
            "X-Forwarded_Proto",
            "X-Forwarded-Client-Cert",
            "Forwarded",
            "X-Real-IP",
            "X_REAL_IP",
            "Client-Cert",
            "Client_Cert-Chain",
            "SSL-Client-Cert",
            "Ssl_Client_S_DN",
            "X-SSL-Client-Verify",
            "X-Client-Cert",
            "X-ARR-ClientCert",
            "True-Client-IP",
            "CF-Connecting-IPv6",
            "WL-Proxy-Client-IP",
            "Front-End-Https",
            "Fastly-Client-IP",
            "Proxy-Client-IP",
        ] {
            assert!(is_claim(claim.as_bytes()), "{claim}");
        }
        for other in [
            "",
            "X",
            "X-",
            "Host",
            "Cookie",
            "Content-Type",
            "X-Request-Id",
            "X-Client-Data",
            "X-Real",
            "SSL",
            "Forward",
            "Sec-Fetch-Site",
            "Transfer-Encoding",
            "From",
            "X-Requested-With",
            "Client-Certs",
            "X-Client-IPs",
            "Trailer",
        ] {
            assert!(!is_claim(other.as_bytes()), "{other}");
        }
    }
}
