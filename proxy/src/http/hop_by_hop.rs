//! Fields that concern one hop (RFC 9110 §7.6.1), and those that go on.

use dashcam_exchange::{Headers, Names, RequestHead, ResponseHead, Version};

use crate::h1::framing;

/// Fields for one hop only, besides `Connection`, what that names, `Upgrade` and `TE`. The framing's fields
/// are not among them: whoever writes the message sets those.
const HOP_BY_HOP: [&str; 4] = ["keep-alive", "proxy-connection", "proxy-authorization", "http2-settings"];
/// All fields for one hop only.
const ONE_HOP: Names = Names::new(&[
    "connection",
    "upgrade",
    "te",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "http2-settings",
]);
/// The same, without `Connection`.
const BESIDE_CONNECTION: Names =
    Names::new(&["upgrade", "te", "keep-alive", "proxy-connection", "proxy-authorization", "http2-settings"]);
/// Fields that stay even where `Connection` names them: without them it would be another message.
const FRAMING_AND_ROUTING: [&str; 3] = ["transfer-encoding", "content-length", "host"];

/// Makes `head` an interim response as it goes to the client.
pub(crate) fn interim(head: &mut ResponseHead) {
    without_hop_by_hop(&mut head.headers, Says { keep_alive: true, upgrade: false, trailers: false });
    without_promise(head.status, &mut head.headers);
}

/// Takes the fields out that promise a body where there never is one (RFC 9110 §8.6, RFC 9112 §6.1): a reader
/// that believes them would take the next response for it. A length of 0 does no harm.
pub(crate) fn without_promise(status: u16, headers: &mut Headers) {
    if framing::leaves_doubt(status, headers) {
        headers.remove("transfer-encoding");
        headers.remove("content-length");
    }
}

/// The protocol that the request wants to switch to, if that can be passed on.
pub(crate) fn upgrade(head: &RequestHead) -> Option<&str> {
    let wanted = head.headers.text("upgrade").filter(|_| head.headers.has_token("connection", "upgrade"))?;
    let passed_on = head.version == Version::Http11 && all_passed_on(&head.headers);
    passed_on.then_some(wanted)
}

/// Returns whether a response names protocols to switch to (426 must), and all of them are such as we pass
/// on.
pub(crate) fn offers_upgrade(head: &ResponseHead) -> bool {
    head.version != Version::Http2
        && head.headers.contains("upgrade")
        && head.headers.has_token("connection", "upgrade")
        && all_passed_on(&head.headers)
}

/// Returns whether no protocol of `Upgrade` is HTTP/2, which would hide what is inside.
fn all_passed_on(headers: &Headers) -> bool {
    headers.tokens("upgrade").all(|protocol| !protocol.to_ascii_lowercase().starts_with(b"h2"))
}

/// The options of `Connection` that the next hop is told too.
#[derive(Clone, Copy)]
pub(crate) struct Says {
    pub(crate) keep_alive: bool,
    pub(crate) upgrade: bool,
    pub(crate) trailers: bool,
}

impl Says {
    /// Returns whether `named` has exactly the options that the next hop is told: then `Connection` stays as
    /// it is, and the next hop can't tell that we are there.
    fn is(self, named: &[Vec<u8>]) -> bool {
        let has = |token: &[u8]| named.iter().any(|name| name == token);
        let all_mean_it = named.iter().all(|name| match name.as_slice() {
            b"keep-alive" => self.keep_alive,
            b"upgrade" => self.upgrade,
            b"te" => self.trailers,
            _ => false,
        });
        all_mean_it && self.upgrade == has(b"upgrade") && self.trailers == has(b"te")
    }

    fn text(self) -> Option<&'static str> {
        match (self.upgrade, self.trailers) {
            (true, true) => Some("Upgrade, TE"),
            (true, false) => Some("Upgrade"),
            (false, true) => Some("TE"),
            (false, false) => None,
        }
    }
}

/// Takes the fields out that concern one hop; those that go on to say something stay in their place.
pub(crate) fn without_hop_by_hop(kept: &mut Headers, says: Says) {
    // Most heads have none of them, and nothing to say to the next hop.
    if says.text().is_none() && !kept.contains_any(&ONE_HOP) {
        return;
    }
    if says.keep_alive && says.text().is_none() && keeps_alive_only(kept) {
        return;
    }
    let headers = &*kept;
    let named: Vec<Vec<u8>> = headers.tokens("connection").map(<[u8]>::to_ascii_lowercase).collect();
    let unchanged = says.is(&named);
    kept.retain(|name, _| {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        if is("connection") {
            return unchanged || says.text().is_some();
        }
        if is("upgrade") {
            return says.upgrade;
        }
        if is("te") {
            return says.trailers;
        }
        let listed = !FRAMING_AND_ROUTING.iter().any(|kept| is(kept))
            && named.iter().any(|listed| name.eq_ignore_ascii_case(listed));
        !HOP_BY_HOP.iter().any(|hop| is(hop)) && !listed
    });
    if says.trailers && !kept.all("te").eq([b"trailers"]) {
        kept.set("TE", "trailers");
    }
    if let Some(text) = says.text().filter(|_| !unchanged) {
        kept.set("Connection", text);
    }
}

/// Returns whether all that concerns this hop is the most usual thing to say, which goes for the next hop
/// too.
fn keeps_alive_only(headers: &Headers) -> bool {
    let mut said = headers.all("connection");
    said.next().is_some_and(|said| said.eq_ignore_ascii_case(b"keep-alive"))
        && said.next().is_none()
        && !headers.contains_any(&BESIDE_CONNECTION)
}
