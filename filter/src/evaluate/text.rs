//! The texts of a field.

use std::borrow::Cow;
use std::cell::RefCell;

use dashcam_exchange::{Direction, Headers, RequestHead, write_url};
use percent_encoding::percent_decode;

use crate::evaluate::flags::is_bad_end;
use crate::field::{Field, Of};
use crate::known_facts::Facts;
use crate::matching::json::{self, Found};
use crate::matching::pattern::Pattern;
use crate::parts::Parts;

type Holds<'h> = &'h dyn Fn(&[u8]) -> bool;

thread_local! {
    /// Texts that are put together to be looked at: no allocation each time.
    static SCRATCH: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Returns whether `holds` for one of the texts of `field` that are known.
#[inline]
pub(super) fn any(field: &Field, facts: &Facts<'_>, holds: Holds<'_>) -> bool {
    let is_met = |text: Option<&str>| text.is_some_and(|text| holds(text.as_bytes()));
    match field {
        Field::Host => is_met(facts.destination.map(|destination| destination.host.as_str())),
        Field::Path => is_met(facts.target.map(|target| split_target(target).0)),
        Field::Method => is_met(facts.method),
        Field::Type => is_met(facts.content_type()),
        other => any_other(other, facts, holds),
    }
}

/// Returns whether `pattern` holds for the path. A target is only split where it might.
#[inline]
pub(super) fn path(facts: &Facts<'_>, pattern: &Pattern) -> bool {
    facts.target.is_some_and(|target| {
        (!pattern.holds_for_longer() || pattern.matches(target.as_bytes()))
            && pattern.matches(split_target(target).0.as_bytes())
    })
}

fn any_other(field: &Field, facts: &Facts<'_>, holds: Holds<'_>) -> bool {
    let is_met = |text: Option<&str>| text.is_some_and(|text| holds(text.as_bytes()));
    let client = facts.client;
    match field {
        Field::Anywhere => anywhere(facts, holds),
        Field::Url => url(facts, holds),
        Field::Domain => {
            is_met(facts.destination.map(|destination| destination.host.as_str()))
                || is_met(facts.request.and_then(named_host))
        }
        Field::Destination => destination(facts, holds),
        Field::Query => is_met(facts.target.and_then(|target| split_target(target).1)),
        Field::QueryParameter(name) => {
            let query = facts.target.and_then(|target| split_target(target).1);
            query.is_some_and(|query| parameters(query, name, holds))
        }
        Field::RequestType => {
            facts.request.and_then(|head| head.headers.first("content-type")).is_some_and(holds)
        }
        Field::Header(of, name) => heads(facts, *of).any(|head| head.all(name).any(holds)),
        Field::HeaderLines(of) => heads(facts, *of).any(|head| holds(&lines(head))),
        Field::Cookie(of, name) => cookies(facts, *of, name, holds),
        Field::Body(of) => bodies(facts, *of).any(holds) || messages(facts, *of, false).any(holds),
        Field::WebSocket => messages(facts, Of::Either, true).any(holds),
        Field::GqlOperation => gql_operation(facts, holds),
        Field::GrpcService => grpc_path(facts).is_some_and(|(service, _)| holds(service.as_bytes())),
        Field::GrpcMethod => grpc_path(facts).is_some_and(|(_, method)| holds(method.as_bytes())),
        Field::FailMessage => is_met(facts.failure.map(|failure| failure.message.as_str())),
        Field::Client => is_met(client.map(|client| client.address)),
        Field::Mode => is_met(client.map(|client| client.mode)),
        Field::Listener => is_met(client.and_then(|client| client.listener)),
        Field::Program => is_met(facts.program),
        Field::Sni => {
            is_met(client.and_then(|client| client.tls.map_or(client.asked_name, |tls| tls.sni.as_deref())))
        }
        Field::Tls(of) => {
            let is_asked = |side: Of| *of == Of::Either || *of == side;
            let upstream = facts.upstream.and_then(|upstream| upstream.tls_version.as_deref());
            is_asked(Of::Request) && is_met(client.and_then(|client| Some(client.tls?.version.as_str())))
                || is_asked(Of::Response) && is_met(upstream)
        }
        Field::Upstream => is_met(facts.upstream.map(|upstream| upstream.address.as_str())),
        Field::Trace => is_met(facts.request.and_then(trace)),
        Field::Tag => facts.marks.is_some_and(|marks| marks.tags.iter().any(|tag| holds(tag.as_bytes()))),
        Field::Rule => is_met(facts.rule),
        Field::Redaction => is_met(facts.redaction.map(|redaction| &*redaction.set)),
        Field::Snapshot => {
            facts.marks.is_some_and(|marks| marks.snapshots.iter().any(|name| holds(name.as_bytes())))
        }
        Field::Comment => is_met(facts.marks.map(|marks| marks.comment)),
        Field::Marker => is_met(facts.marks.map(|marks| if marks.pinned { "pinned" } else { "" })),
        Field::Meta => facts.marks.is_some_and(|marks| {
            let lines: Vec<_> = marks.tags.iter().map(|tag| format!("tag: {tag}")).collect();
            holds(lines.join("\n").as_bytes())
        }),
        _ => false,
    }
}

/// `METHOD URL STATUS CONTENT-TYPE STATE`, as far as it is known: what follows does not change what is there.
fn anywhere(facts: &Facts<'_>, holds: Holds<'_>) -> bool {
    let Some(((method, destination), target)) = facts.method.zip(facts.destination).zip(facts.target) else {
        return false;
    };
    with_scratch(|text| {
        text.push_str(method);
        text.push(' ');
        write_url(destination, target, text);
        if facts.known.contains(Parts::RESPONSE) {
            text.push(' ');
            push_status(text, facts.status);
            text.push(' ');
            text.push_str(facts.content_type().unwrap_or_default());
        }
        if facts.known.contains(Parts::RESPONSE | Parts::END) {
            text.push(' ');
            text.push_str(
                facts.state.filter(|state| is_bad_end(*state)).map_or("", dashcam_exchange::State::as_str),
            );
        }
        holds(text.as_bytes())
    })
}

fn push_status(text: &mut String, status: Option<u16>) {
    let Some(status) = status else { return };
    let digits = [1000, 100, 10, 1].into_iter().skip_while(|place| *place > status.max(1));
    text.extend(digits.map(|place| char::from(b'0' + (status / place % 10) as u8)));
}

fn url(facts: &Facts<'_>, holds: Holds<'_>) -> bool {
    let Some((destination, target)) = facts.destination.zip(facts.target) else { return false };
    with_scratch(|text| {
        write_url(destination, target, text);
        holds(text.as_bytes())
    })
}

/// `HOST:PORT`, as mitmproxy has it.
fn destination(facts: &Facts<'_>, holds: Holds<'_>) -> bool {
    facts.destination.is_some_and(|to| holds(format!("{}:{}", to.host, to.port).as_bytes()))
}

fn with_scratch(look: impl FnOnce(&mut String) -> bool) -> bool {
    SCRATCH.with_borrow_mut(|text| {
        text.clear();
        let found = look(text);
        // One enormous target is not kept.
        if text.capacity() > 64 << 10 {
            *text = String::new();
        }
        found
    })
}

/// Path and query.
pub(super) fn split_target(target: &str) -> (&str, Option<&str>) {
    match memchr::memchr(b'?', target.as_bytes()) {
        Some(at) => (&target[..at], Some(&target[at + 1..])),
        None => (target, None),
    }
}

/// The host that a request's head names, without its port.
fn named_host(head: &RequestHead) -> Option<&str> {
    let authority = head.host()?;
    let end = match authority.strip_prefix('[') {
        Some(inside) => return inside.split_once(']').map(|(address, _)| address),
        None => authority.rfind(':').unwrap_or(authority.len()),
    };
    Some(&authority[..end])
}

/// Returns whether `holds` for one of the values of `name` in a query (WHATWG URL, application/x-www-form-urlencoded).
fn parameters(query: &str, name: &str, holds: Holds<'_>) -> bool {
    // Most have no such parameter.
    let is_coded = memchr::memchr2(b'%', b'+', query.as_bytes()).is_some();
    if !is_coded && !contains(query.as_bytes(), name.as_bytes()) {
        return false;
    }
    query.split('&').any(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        *decoded(key) == *name.as_bytes() && holds(&decoded(value))
    })
}

/// Returns whether a short text has `part` in it, without anything that has to be made for the search.
pub(crate) fn contains(text: &[u8], part: &[u8]) -> bool {
    let Some(first) = part.first() else { return true };
    memchr::memchr_iter(*first, text).any(|at| text[at..].starts_with(part))
}

fn decoded(text: &str) -> Cow<'_, [u8]> {
    if text.contains('+') {
        let text = text.replace('+', " ");
        return Cow::Owned(percent_decode(text.as_bytes()).collect());
    }
    percent_decode(text.as_bytes()).into()
}

fn heads<'f>(facts: &Facts<'f>, of: Of) -> impl Iterator<Item = &'f Headers> + use<'f> {
    let request = facts.request.filter(|_| of != Of::Response).map(|head| &head.headers);
    let response = facts.response.filter(|_| of != Of::Request).map(|head| &head.headers);
    request.into_iter().chain(response)
}

/// A head's lines, `name: value`, with their ends.
fn lines(head: &Headers) -> Vec<u8> {
    let mut lines = Vec::with_capacity(head.len() * 40);
    for (name, value) in head.iter() {
        for part in [name, b": ", value, b"\r\n"] {
            lines.extend_from_slice(part);
        }
    }
    lines
}

/// Returns whether `holds` for one of the cookies `name` (RFC 6265): their names have a case.
fn cookies(facts: &Facts<'_>, of: Of, name: &str, holds: Holds<'_>) -> bool {
    if let Some(head) = facts.request.filter(|_| of != Of::Response) {
        // Most have no such cookie.
        for line in head.headers.all("cookie").filter(|line| contains(line, name.as_bytes())) {
            for pair in line.split(|byte| *byte == b';') {
                if cookie(pair, name).is_some_and(holds) {
                    return true;
                }
            }
        }
    }
    if let Some(head) = facts.response.filter(|_| of != Of::Request) {
        for line in head.headers.all("set-cookie") {
            let first = line.split(|byte| *byte == b';').next();
            if first.and_then(|pair| cookie(pair, name)).is_some_and(holds) {
                return true;
            }
        }
    }
    false
}

/// The value of `pair`, if it is that of the cookie `name`.
fn cookie<'p>(pair: &'p [u8], name: &str) -> Option<&'p [u8]> {
    let behind = pair.trim_ascii_start().strip_prefix(name.as_bytes())?;
    Some(behind.trim_ascii_start().strip_prefix(b"=")?.trim_ascii())
}

fn bodies<'f>(facts: &Facts<'f>, of: Of) -> impl Iterator<Item = &'f [u8]> + use<'f> {
    let request = facts.request_body.filter(|_| of != Of::Response);
    request.into_iter().chain(facts.response_body.filter(|_| of != Of::Request))
}

fn messages<'f>(
    facts: &Facts<'f>,
    of: Of,
    only_web_socket: bool,
) -> impl Iterator<Item = &'f [u8]> + use<'f> {
    let direction = match of {
        Of::Either => None,
        Of::Request => Some(Direction::Request),
        Of::Response => Some(Direction::Response),
    };
    let all = facts.messages.into_iter().flatten();
    all.filter(move |message| direction.is_none_or(|direction| message.direction == direction))
        .filter(move |message| message.is_web_socket || !only_web_socket)
        .map(|message| message.data.as_slice())
}

/// Returns whether one of the values at `path` in a body is `wanted`. Bodies that surely have none (`may_have`) are not parsed.
pub(super) fn json(
    facts: &Facts<'_>,
    (of, path): (Of, &[String]),
    may_have: &dyn Fn(&[u8]) -> bool,
    wanted: &dyn Fn(Found<'_>) -> bool,
) -> bool {
    bodies(facts, of).any(|body| may_have(body) && json::any(body, path, wanted))
}

/// The name of a GraphQL operation (GraphQL over HTTP): in the body, or in the query of a GET. Without a name beside it,
/// the document's first one is meant.
fn gql_operation(facts: &Facts<'_>, holds: Holds<'_>) -> bool {
    let in_query = facts.target.and_then(|target| split_target(target).1);
    if in_query.is_some_and(|query| parameters(query, "operationName", holds)) {
        return true;
    }
    let named = |body: &[u8], path: &[&str]| {
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        json::any(body, &path, &|found| matches!(found, Found::Text(text) if holds(text.as_bytes())))
    };
    let first_in = |body: &[u8], path: &[&str]| {
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        json::any(body, &path, &|found| match found {
            Found::Text(document) => first_operation(document).is_some_and(|name| holds(name.as_bytes())),
            _ => false,
        })
    };
    facts.request_body.is_some_and(|body| {
        named(body, &["operationName"])
            || named(body, &["*", "operationName"])
            || first_in(body, &["query"])
            || first_in(body, &["*", "query"])
    })
}

/// The name of the operation that a GraphQL request asks for, of a batch the first one's; `None` if none is named.
#[must_use]
pub fn graphql_operation(target: &str, body: &[u8]) -> Option<String> {
    let name = RefCell::new(None);
    let facts = Facts { target: Some(target), request_body: Some(body), ..Facts::default() };
    gql_operation(&facts, &|found| {
        *name.borrow_mut() = Some(String::from_utf8_lossy(found).into_owned());
        true
    });
    name.into_inner()
}

/// The name of the first operation of a GraphQL document, which may stand behind fragments; `None` if it has none.
fn first_operation(document: &str) -> Option<&str> {
    let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let (mut rest, mut depth) = (document, 0_u32);
    loop {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let word = &rest[..rest.find(|character| !is_name(character)).unwrap_or(rest.len())];
        match (first, word) {
            ('#', _) => rest = &rest[rest.find('\n')?..],
            ('{', _) => depth += 1,
            ('}', _) => depth = depth.saturating_sub(1),
            (_, "query" | "mutation" | "subscription") if depth == 0 => {
                let name = rest[word.len()..].trim_start();
                let end = name.find(|character| !is_name(character)).unwrap_or(name.len());
                return (end > 0).then(|| &name[..end]);
            }
            _ => {}
        }
        if first != '#' {
            rest = &rest[word.len().max(first.len_utf8())..];
        }
    }
}

/// Returns whether a request is gRPC.
pub(super) fn is_grpc(head: &RequestHead) -> bool {
    head.headers.first("content-type").is_some_and(|value| value.starts_with(b"application/grpc"))
}

/// Service and method of a gRPC call.
fn grpc_path<'f>(facts: &Facts<'f>) -> Option<(&'f str, &'f str)> {
    facts.request.filter(|head| is_grpc(head))?;
    split_target(facts.target?).0.strip_prefix('/')?.rsplit_once('/')
}

/// The status of a gRPC call: in the trailers, or in the head of a response without a body.
pub(super) fn grpc_status(facts: &Facts<'_>) -> Option<i64> {
    facts.request.filter(|head| is_grpc(head))?;
    let trailer = facts.trailers.and_then(|trailers| trailers.text("grpc-status"));
    let status = trailer.or_else(|| facts.response.and_then(|head| head.headers.text("grpc-status")))?;
    status.trim().parse().ok()
}

/// The trace id of `traceparent` (W3C Trace Context).
fn trace(head: &RequestHead) -> Option<&str> {
    head.headers.text("traceparent")?.trim().split('-').nth(1)
}
