//! Bodies of each format, in pieces of every length: the same messages come of them.

use proptest::prelude::*;

use super::*;
use crate::content::aws_events::tests::framed;

/// The messages in `body`, cut into pieces of `length`, and the splitter behind them.
fn split(content_type: &str, body: &[u8], (length, end): (usize, End)) -> (Vec<Piece>, Splitter) {
    let headers = [("content-type", content_type)].into_iter().collect();
    let boundary = Subject::of_headers(&headers).parameter("boundary");
    let mut splitter = Splitter::new(SplitFormat::of(&headers).unwrap(), &headers, (0, boundary));
    let mut pieces = Vec::new();
    for bytes in body.chunks(length) {
        splitter.push(bytes);
        pieces.extend(std::iter::from_fn(|| splitter.next(End::Open)));
    }
    splitter.settle();
    pieces.extend(std::iter::from_fn(|| splitter.next(end)));
    (pieces, splitter)
}

/// Their kinds and contents; what is cut has a "…".
fn found(content_type: &str, body: &[u8], cut: (usize, End)) -> Vec<(String, String)> {
    let text = |piece: Piece| {
        let cut = if piece.is_whole { "" } else { "…" };
        (piece.kind, String::from_utf8_lossy(&piece.payload).into_owned() + cut)
    };
    split(content_type, body, cut).0.into_iter().map(text).collect()
}

fn check(content_type: &str, body: &[u8], end: End, expect: &[(&str, &str)]) {
    for length in [1, 2, 3, 7, 64, 4096] {
        let found = found(content_type, body, (length, end));
        let found: Vec<_> = found.iter().map(|(kind, text)| (kind.as_str(), text.as_str())).collect();
        assert_eq!(found, expect, "{content_type} in pieces of {length}");
    }
}

#[test]
fn events() {
    let body = b": hi\r\n\r\nevent: a\rdata: x\rdata: y\r\r\nretry: 5\n\ndata: z\n\n\ndata: cut";
    let whole = [("comment", "hi"), ("a", "x\ny"), ("no data", "retry: 5"), ("message", "z")];
    check("text/event-stream", body, End::Open, &whole);
    check("text/event-stream", body, End::Whole, &[&whole[..], &[("message", "cut…")]].concat());
}

#[test]
fn names_are_cut() {
    let body = format!("event: a{}\ndata: x\n\n", "é".repeat(1 << 20));
    let expect = format!("a{}", "é".repeat(127));
    check("text/event-stream", body.as_bytes(), End::Whole, &[(expect.as_str(), "x")]);
    let body = format!("--b\nContent-Type: text/{}\n\n1\n--b--", "a".repeat(1 << 10));
    let pieces = split("multipart/mixed; boundary=b", body.as_bytes(), (4096, End::Whole)).0;
    assert_eq!((pieces[0].kind.len(), pieces[0].media_type.len()), (256, 256));
}

#[test]
fn documents() {
    let body = b"{\"type\":\"ADDED\",\"o\":1}\r\n\n[1]\n7\n\"a\"";
    let whole = [("ADDED", "{\"type\":\"ADDED\",\"o\":1}"), ("array", "[1]"), ("number", "7")];
    check("application/x-ndjson", body, End::Open, &whole);
    check("application/x-ndjson", body, End::Whole, &[&whole[..], &[("string", "\"a\"")]].concat());
    check("application/x-ndjson", body, End::Cut, &[&whole[..], &[("string", "\"a\"…")]].concat());
    let sequence = b"\x1e{\"a\":\n1}\n\x1e[2]\n\x1e";
    check("application/json-seq", sequence, End::Whole, &[("object", "{\"a\":\n1}"), ("array", "[2]")]);
}

#[test]
fn parts() {
    let body =
        b"before\r\n--b\r\nContent-Type: text/plain\r\n\r\none\r\n--by\r\n--b \r\n\r\ntwo\r\n--b--\r\nbehind";
    let expect = [("text/plain", "one\r\n--by"), ("part", "two")];
    check("multipart/mixed; boundary=b", body, End::Whole, &expect);
    let again = b"--b\n\n1\n--b--\n--b\n\n2\n--b\n";
    check("multipart/mixed; boundary=b", again, End::Whole, &[("part", "1")]);
    check("multipart/x-mixed-replace; boundary=b", b"--b\n\n1\n--b\n\n2", End::Open, &[("part", "1")]);
    check("multipart/mixed; boundary=b", b"--b\n\n1\n--b\n\n2", End::Cut, &[("part", "1"), ("part", "2…")]);
}

#[test]
fn frames() {
    let body = [framed("chunk", b"{}"), framed("end", b"x")].concat();
    let expect = [("chunk", "{}"), ("end", "x")];
    check("application/vnd.amazon.eventstream", &body, End::Whole, &expect);
    let cut = &body[..body.len() - 1];
    assert_eq!(found("application/vnd.amazon.eventstream", cut, (9, End::Open)).len(), 1);
    let mut impossible = [15u32.to_be_bytes(), [0; 4]].concat();
    impossible.extend(crc32fast::hash(&impossible).to_be_bytes());
    for (rest, why) in [(&b"no message at all"[..], "checksum"), (&impossible, "contradict")] {
        let broken = [&body[..], rest].concat();
        check("application/vnd.amazon.eventstream", &broken, End::Whole, &expect);
        let stopped = split("application/vnd.amazon.eventstream", &broken, (7, End::Open)).1.stopped();
        assert!(stopped.unwrap().contains(why), "{stopped:?}");
    }
    let web = b"\0\0\0\0\x01a\x80\0\0\0\x10grpc-status: 5\r\n";
    let expect = [("message", "a"), ("trailers: status 5", "grpc-status: 5\r\n")];
    check("application/grpc-web+proto", web, End::Whole, &expect);
    let connect = b"\0\0\0\0\x02{}\x02\0\0\0\x24{\"error\":{\"code\":\"not_found\",\"a\":1}}";
    let end = "{\"error\":{\"code\":\"not_found\",\"a\":1}}";
    check("application/connect+json", connect, End::Whole, &[("message", "{}"), ("end: not_found", end)]);
}

#[test]
fn places_are_those_in_the_body_and_a_split_may_begin_at_each() {
    let body = b"data: a\n\n\ndata: b\n\ndata: c\n\n";
    let headers = [("content-type", "text/event-stream")].into_iter().collect();
    let mut splitter = Splitter::new(SplitFormat::Events, &headers, (0, None));
    splitter.push(body);
    let pieces: Vec<_> = std::iter::from_fn(|| splitter.next(End::Whole)).collect();
    for piece in &pieces {
        let mut again = Splitter::new(SplitFormat::Events, &headers, (piece.offset, None));
        again.push(&body[piece.offset as usize..]);
        assert_eq!(again.next(End::Whole).as_ref(), Some(piece));
    }
    assert_eq!((pieces.len(), splitter.position()), (3, body.len() as u64));
}

#[test]
fn one_that_is_too_large_ends_the_list() {
    let headers = [("content-type", "application/x-ndjson")].into_iter().collect();
    let mut splitter = Splitter::new(SplitFormat::Documents, &headers, (0, None));
    for _ in 0..=LARGEST >> 20 {
        splitter.push(&[b'1'; 1 << 20]);
        assert_eq!(splitter.next(End::Open), None);
    }
    assert!(splitter.stopped().is_some());
    let held = splitter.buffer.len();
    splitter.push(&[b'1'; 1 << 20]);
    assert_eq!(splitter.buffer.len(), held, "nothing more is held");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_is_split_the_same_in_pieces_and_as_a_whole(
        parts in proptest::collection::vec(prop::sample::select(vec![
            &b"--b"[..], b"\r\n", b"\n", b"\r", b"--", b" ", b"data: a", b":", b"{\"type\":\"c\"}", b"[1", b"]", b"\x1e", b"\0\0\0\0\x01",
            b"\x80", b"\xff", b"Content-Type: text/plain", b"b",
        ]), 0..40),
        length in 1usize..9,
    ) {
        let body = parts.concat();
        for content_type in [
            "text/event-stream", "application/x-ndjson", "multipart/mixed; boundary=b",
            "application/vnd.amazon.eventstream", "application/grpc-web", "application/connect+json",
        ] {
            for end in [End::Open, End::Whole, End::Cut] {
                let (whole, behind) = split(content_type, &body, (body.len().max(1), end));
                let (pieces, splitter) = split(content_type, &body, (length, end));
                prop_assert_eq!(pieces, whole, "{} {:?}", content_type, end);
                let (place, expect) = (splitter.position(), behind.position());
                prop_assert_eq!(place, expect, "{} {:?}", content_type, end);
            }
        }
    }
}
