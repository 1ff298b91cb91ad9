//! Bodies of gRPC, gRPC-Web and Connect: messages, each behind a flag and a length.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::Headers;

use super::budget::Budget;
use super::cursor::Cursor;
use super::subject::Subject;
use super::typed::Typed;
use super::view::{Fit, ViewSpec};
use super::{hex, json, protobuf};
use crate::dto::shown::{Node, Shown};

/// Shows each message with its fields, and the trailers that stand in the body.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "grpc", title: "gRPC", kind: "tree", fits, show };

/// The most bytes that a compressed message may have.
const MOST_INFLATED: u64 = 4 << 20;
/// The flag of a compressed message.
pub(super) const COMPRESSED: u8 = 1;
/// The flag of Connect's end of a stream.
pub(super) const END_OF_STREAM: u8 = 2;
/// The flag of gRPC-Web's trailers.
pub(super) const TRAILERS: u8 = 0x80;

fn fits(subject: &Subject) -> Option<Fit> {
    let is_framed = subject.is(&["application/grpc*", "application/connect+*"]) && !subject.is_message;
    (is_framed && !subject.bytes.is_empty()).then_some(Fit::Certain)
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let decoded;
    let mut cursor = match subject.is(&["application/grpc-web-text*"]) {
        true => {
            decoded = from_base64(&subject.bytes)?;
            Cursor(&decoded)
        }
        false => Cursor(&subject.bytes),
    };
    let mut nodes = Vec::new();
    while !cursor.is_empty() {
        let mut ahead = cursor;
        let Some((flags, payload)) = frame(&mut ahead) else { break };
        if !(budget.take(64) && budget.has_time()) {
            return Some(Shown::tree(nodes));
        }
        let number = nodes.len() + 1;
        nodes.push(shown(subject, (number, flags, payload), budget));
        cursor = ahead;
    }
    if nodes.is_empty() && !subject.truncated {
        return None;
    }
    if !cursor.is_empty() {
        budget.note(format!("The last {} bytes are no whole message.", cursor.0.len()));
    }
    Some(Shown::tree(nodes))
}

/// A frame's flags and payload.
pub(super) fn frame<'b>(cursor: &mut Cursor<'b>) -> Option<(u8, &'b [u8])> {
    let (flags, length) = (cursor.u8()?, cursor.u32()?);
    Some((flags, cursor.take_long(u64::from(length))?))
}

/// Pieces of base64 that follow each other, each with its padding.
fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for quad in text.chunks(4) {
        match STANDARD.decode(quad) {
            Ok(decoded) => bytes.extend_from_slice(&decoded),
            // The text is cut here.
            Err(_) if quad.len() < 4 => break,
            Err(_) => return None,
        }
    }
    Some(bytes)
}

fn shown(subject: &Subject, (number, flags, payload): (usize, u8, &[u8]), budget: &Budget) -> Node {
    let size = format!("{} bytes", payload.len());
    let inflated = (flags & COMPRESSED != 0).then(|| inflate(coding(&subject.headers)?, payload));
    let (bytes, size) = match &inflated {
        None => (payload, size),
        Some(Some(inflated)) => (inflated.as_slice(), format!("{size}, {} inflated", inflated.len())),
        Some(None) => {
            let size = format!(
                "{size}, compressed with {}",
                coding(&subject.headers).unwrap_or("nothing that is named")
            );
            return Node::leaf(format!("message {number}"), &size, hex::short(payload));
        }
    };
    if flags & TRAILERS != 0 {
        return Node::branch("trailers", &size, trailers(bytes, budget));
    }
    let is_end = flags & END_OF_STREAM != 0 && subject.is(&["application/connect+*"]);
    let name = if is_end { "end of stream".to_owned() } else { format!("message {number}") };
    let text = std::str::from_utf8(bytes).ok();
    if let Some(text) = text.filter(|text| (is_end || subject.is(&["*+json"])) && json::is_json(text, false))
    {
        return Node::leaf(name, &size, json::indented(text, budget));
    }
    if let Some(typed) = Typed::of(subject, budget) {
        let (nodes, left) = typed.message(bytes, budget);
        if left > 0 && !budget.is_spent() {
            budget.note(format!("The last {left} bytes of message {number} are no field."));
        }
        return Node::branch(name, &size, nodes);
    }
    match protobuf::message(bytes, 1, budget) {
        Some(nodes) => Node::branch(name, &size, nodes),
        None => Node::leaf(name, &size, hex::short(bytes)),
    }
}

/// The trailers, as they stand in HTTP/1.
fn trailers(bytes: &[u8], budget: &Budget) -> Vec<Node> {
    let text = String::from_utf8_lossy(bytes);
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    let pairs = pairs.take(1000).take_while(|(name, value)| budget.take(32 + name.len() + value.len()));
    pairs.map(|(name, value)| Node::leaf(name.trim(), "trailer", value.trim())).collect()
}

/// The coding of compressed messages, as a head names it.
pub(super) fn coding(headers: &Headers) -> Option<&str> {
    ["grpc-encoding", "connect-content-encoding"].iter().find_map(|name| headers.text(name))
}

/// A compressed message, inflated; `None` where that is not known or fails.
pub(super) fn inflate(coding: &str, payload: &[u8]) -> Option<Vec<u8>> {
    let mut inflated = Vec::new();
    let read = match coding {
        "gzip" => flate2::read::MultiGzDecoder::new(payload).take(MOST_INFLATED).read_to_end(&mut inflated),
        "deflate" => flate2::read::ZlibDecoder::new(payload).take(MOST_INFLATED).read_to_end(&mut inflated),
        _ => return None,
    };
    read.is_ok().then_some(inflated)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::dto::shown::Tree;

    fn tree(media_type: &str, coding: &str, bytes: &[u8]) -> Vec<Node> {
        let headers = [("grpc-encoding", coding)].into_iter().collect();
        let subject =
            Subject { media_type: media_type.into(), bytes: bytes.to_vec(), headers, ..Subject::default() };
        assert_eq!(fits(&subject), Some(Fit::Certain));
        match show(&subject, &Budget::begin()) {
            Some(Shown::Tree(Tree { nodes })) => nodes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn messages_and_trailers() {
        let message = [&[0, 0, 0, 0, 3, 0x08, 0x96, 0x01][..]].concat();
        let inner = vec![Node::leaf("1", "varint", "150")];
        let expect = Node::branch("message 1", "3 bytes", inner.clone());
        assert_eq!(tree("application/grpc", "", &message), std::slice::from_ref(&expect));
        let web = [&message, &b"\x80\0\0\0\x10grpc-status: 0\r\n"[..]].concat();
        let trailer = Node::branch("trailers", "16 bytes", vec![Node::leaf("grpc-status", "trailer", "0")]);
        assert_eq!(tree("application/grpc-web+proto", "", &web), [expect.clone(), trailer.clone()]);
        let text = STANDARD.encode(&message) + &STANDARD.encode(&web[message.len()..]);
        assert_eq!(tree("application/grpc-web-text", "", text.as_bytes()), [expect, trailer]);
    }

    #[test]
    fn compressed_messages_and_json() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&[0x08, 0x96, 0x01]).unwrap();
        let gzip = gzip.finish().unwrap();
        let framed = [&[1, 0, 0, 0, gzip.len() as u8][..], &gzip].concat();
        let nodes = tree("application/grpc", "gzip", &framed);
        assert_eq!(nodes[0].nodes, [Node::leaf("1", "varint", "150")]);
        assert_eq!(nodes[0].kind.as_deref(), Some(format!("{} bytes, 3 inflated", gzip.len()).as_str()));
        let unknown = tree("application/grpc", "snappy", &framed);
        assert!(unknown[0].kind.as_ref().unwrap().ends_with("compressed with snappy"));
        let json = tree("application/connect+json", "", b"\0\0\0\0\x07{\"a\":1}\x02\0\0\0\x02{}");
        assert_eq!(json[0].value.as_deref(), Some("{\n  \"a\": 1\n}"));
        assert_eq!(json[1].name.as_deref(), Some("end of stream"));
    }
}
