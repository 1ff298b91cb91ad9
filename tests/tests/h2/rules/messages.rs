//! Requests: their pseudo-fields, fields and lengths.

use anyhow::Result;
use dashcam_tests::h2::code::PROTOCOL;
use dashcam_tests::h2::frame::{data, frame, headers, kind};

use super::{Asked, Case, Does, GET, POST, block, case, check, sized, with};

/// Malformed, and reset for it.
fn malformed(paragraph: &'static str, name: &'static str, bytes: Vec<u8>) -> Case {
    case(paragraph, name, bytes, Asked::Malformed, Does::Reset(PROTOCOL))
}

/// Malformed, and the end of the connection.
fn broken(paragraph: &'static str, name: &'static str, bytes: Vec<u8>) -> Case {
    case(paragraph, name, bytes, Asked::Malformed, Does::GoAway(PROTOCOL))
}

/// Malformed, and refused for what HTTP/1 would be refused for.
fn refused(paragraph: &'static str, name: &'static str, bytes: Vec<u8>) -> Case {
    case(paragraph, name, bytes, Asked::Malformed, Does::Answer(400))
}

fn fine(paragraph: &'static str, name: &'static str, bytes: Vec<u8>) -> Case {
    case(paragraph, name, bytes, Asked::Answer(200), Does::Answer(200))
}

/// GET without a field.
fn without(name: &str) -> Vec<u8> {
    let fields: Vec<(&str, &str)> = GET.into_iter().filter(|(key, _)| *key != name).collect();
    headers(1, &fields, true)
}

/// GET with another value for a field.
fn but(name: &str, value: &str) -> Vec<u8> {
    let fields = GET.map(|(key, old)| (key, if key == name { value } else { old }));
    headers(1, &fields, true)
}

#[tokio::test]
async fn pseudo_fields() -> Result<()> {
    let early = headers(1, &[&[("x", "1")], &GET[..]].concat(), true);
    let between = headers(1, &[&GET[..2], &[("x", "1")], &GET[2..]].concat(), true);
    let connect = [(":method", "CONNECT"), (":authority", "a:1")];
    let switch = |more: &[(&'static str, &'static str)]| {
        headers(1, &[&[(":method", "CONNECT"), (":protocol", "websocket")], more].concat(), true)
    };
    check(vec![
        malformed("8.3.1", "no :method", without(":method")),
        malformed("8.3.1", "no :scheme", without(":scheme")),
        malformed("8.3.1", "no :path", without(":path")),
        malformed("8.3.1", "an empty :path", but(":path", "")),
        malformed("8.3.1", "a :path without a slash", but(":path", "relative")),
        broken("8.3.1", "an empty :method", but(":method", "")),
        broken("8.3.1", "a :method with a space", but(":method", "GE T")),
        malformed("8.3.1", "a :path with a space", but(":path", "/a b")),
        malformed("8.3.1", "a :scheme that is none", but(":scheme", "h ttp")),
        malformed("8.3.1", "an :authority that is none", but(":authority", "a b")),
        malformed("8.3", "two :method", with_first((":method", "GET"))),
        malformed("8.3", "two :scheme", with_first((":scheme", "http"))),
        malformed("8.3", "two :path", with_first((":path", "/"))),
        malformed("8.3", "two :authority", with_first((":authority", "a"))),
        malformed("8.3", "pseudo-fields behind fields", early),
        malformed("8.3", "a field among pseudo-fields", between),
        broken("8.3", "an unknown pseudo-field", with_first((":x", "1"))),
        malformed("8.3", "a response's pseudo-field", with_first((":status", "200"))),
        refused("8.5", "CONNECT to an origin", headers(1, &connect, false)),
        malformed("8.5", "CONNECT with :path and :scheme", but(":method", "CONNECT")),
        malformed("8441.4", "a :protocol without CONNECT", with_first((":protocol", "websocket"))),
        malformed(
            "8441.4",
            "a :protocol without a :path",
            switch(&[(":authority", "a"), (":scheme", "http")]),
        ),
        malformed("8441.4", "a :protocol without a :scheme", switch(&[(":authority", "a"), (":path", "/")])),
        fine(
            "8.3.1",
            "Host instead of :authority",
            headers(1, &[&GET[..2], &GET[3..], &[("host", "a")]].concat(), true),
        ),
        fine("8.3.1", "any method", but(":method", "BREW")),
        fine(
            "8.3.1",
            "OPTIONS *",
            headers(
                1,
                &[(":method", "OPTIONS"), (":scheme", "http"), (":authority", "a"), (":path", "*")],
                true,
            ),
        ),
    ])
    .await
}

/// GET with one more pseudo-field before the others.
fn with_first(field: (&str, &str)) -> Vec<u8> {
    headers(1, &[&[field], &GET[..]].concat(), true)
}

#[tokio::test]
async fn fields() -> Result<()> {
    check(vec![
        broken("8.2.1", "a name in upper case", with(&[("X-Upper", "1")])),
        broken("8.2.1", "an empty name", with(&[("", "1")])),
        broken("8.2.1", "a space in a name", with(&[("x y", "1")])),
        broken("8.2.1", "a colon in a name", with(&[("x:y", "1")])),
        broken("8.2.1", "a byte beyond ASCII in a name", with(&[("x\u{e9}", "1")])),
        broken("8.2.1", "NUL in a value", with(&[("x", "a\0b")])),
        broken("8.2.1", "LF in a value", with(&[("x", "a\nb")])),
        broken("8.2.1", "CR in a value", with(&[("x", "a\rb")])),
        refused("8.2.1", "a space before a value", with(&[("x", " a")])),
        refused("8.2.1", "a space behind a value", with(&[("x", "a ")])),
        malformed("8.2.2", "connection", with(&[("connection", "keep-alive")])),
        malformed("8.2.2", "keep-alive", with(&[("keep-alive", "1")])),
        malformed("8.2.2", "proxy-connection", with(&[("proxy-connection", "keep-alive")])),
        malformed("8.2.2", "transfer-encoding", with(&[("transfer-encoding", "chunked")])),
        malformed("8.2.2", "upgrade", with(&[("upgrade", "x")])),
        malformed("8.2.2", "te: gzip", with(&[("te", "gzip")])),
        fine("8.2.2", "te: trailers", with(&[("te", "trailers")])),
        fine("8.2.3", "a cookie in pieces", with(&[("cookie", "a=1"), ("cookie", "b=2")])),
        fine("8.2", "bytes beyond ASCII in a value", with(&[("x", "caf\u{e9}")])),
        fine("8.2", "an empty value", with(&[("x", "")])),
        case("10.5.1", "more fields than allowed", too_many_fields(), Asked::Answer(431), Does::Answer(431)),
    ])
    .await
}

/// 150 KiB of them, in CONTINUATIONs of 16 KiB.
fn too_many_fields() -> Vec<u8> {
    let value = "v".repeat(1000);
    let fields: Vec<(&str, &str)> = GET.into_iter().chain((0..150).map(|_| ("x", value.as_str()))).collect();
    let block = block(&fields);
    let pieces: Vec<&[u8]> = block.chunks(16_384).collect();
    let last = pieces.len() - 1;
    let piece = |(index, piece): (usize, &&[u8])| match index {
        0 => frame(kind::HEADERS, 1, 1, piece),
        _ => frame(kind::CONTINUATION, if index == last { 4 } else { 0 }, 1, piece),
    };
    pieces.iter().enumerate().flat_map(piece).collect()
}

#[tokio::test]
async fn lengths() -> Result<()> {
    let with_lengths = |lengths: &[(&str, &str)]| {
        [headers(1, &[&POST[..], lengths].concat(), false), data(1, b"body", true)].concat()
    };
    check(vec![
        fine("8.1.1", "a body as long as announced", sized("4", &[b"body"])),
        fine("8.1.1", "a body as long as announced, in pieces", sized("4", &[b"b", b"", b"ody", b""])),
        fine("8.1.1", "no body, as announced", sized("0", &[])),
        refused(
            "8.1.1",
            "the same length twice",
            with_lengths(&[("content-length", "4"), ("content-length", "4")]),
        ),
        malformed("8.1.1", "less than announced", sized("5", &[b"body"])),
        malformed("8.1.1", "more than announced", sized("3", &[b"body"])),
        malformed("8.1.1", "more than announced, in pieces", sized("3", &[b"bo", b"dy"])),
        malformed("8.1.1", "nothing, though announced", sized("4", &[])),
        malformed("8.1.1", "a length that is no number", sized("four", &[b"body"])),
        malformed("8.1.1", "a negative length", sized("-4", &[b"body"])),
        malformed("8.1.1", "a length with a sign", sized("+4", &[b"body"])),
        malformed("8.1.1", "two lengths", with_lengths(&[("content-length", "4"), ("content-length", "5")])),
        malformed("8.1.1", "a list of lengths", sized("4, 4", &[b"body"])),
        malformed("8.1.1", "an empty length", sized("", &[b"body"])),
    ])
    .await
}
