//! All views over garbage, and over good bodies that are cut: none fails, each ends in time, and within its bounds.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::content::aws_events::tests::framed;
use crate::content::plain;
use crate::dto::shown::{Node, Section};

/// A body that a view is for, with what its head says.
fn sample(name: &str) -> Subject {
    let of = |media_type: &str, bytes: &[u8]| Subject {
        media_type: media_type.to_owned(),
        headers: [("content-type", format!("{media_type}; boundary=b"))].into_iter().collect(),
        text: std::str::from_utf8(bytes).ok().map(str::to_owned),
        bytes: bytes.to_vec(),
        ..Subject::default()
    };
    match name {
        "llm" => Subject {
            is_response: true,
            target: "/v1/chat/completions".to_owned(),
            ..of("text/event-stream", b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n")
        },
        "graphql" => Subject {
            target: "/graphql".to_owned(),
            ..of("application/json", br#"{"query":"query A{b(c:[1,{d:2}]){...E}}","variables":{"f":1}}"#)
        },
        "grpc" => of("application/grpc", &[0, 0, 0, 0, 3, 0x08, 0x96, 0x01, 0, 0, 0, 0, 2, 0x10, 1]),
        "dns" => of(
            "application/dns-message",
            b"\0\x01\x81\x80\0\x01\0\x01\0\0\0\0\x01a\x02bc\0\0\x01\0\x01\xc0\x0c\0\x0f\0\x01\0\0\0\x3c\0\x06\0\x0a\x01m\xc0\x0c",
        ),
        "aws-events" => of(
            "application/vnd.amazon.eventstream",
            &[framed("chunk", b"{\"a\":1}"), framed("end", b"x")].concat(),
        ),
        "thrift" => of("application/x-thrift", b"\x80\x01\0\x01\0\0\0\x04ping\0\0\0\x07\x0d\0\x04\x0b\x02\0\0\0\x01\0\0\0\x01k\x01\0"),
        "protobuf" => of("application/protobuf", b"\x0a\x0b\x0a\t123456789\x12\x03abc\x1b\x08\x01\x1c\x2d\0\0\x80\x3f"),
        "events" => of("text/event-stream", b"event: a\nid: 1\ndata: b\n\ndata: c\n\n"),
        "json-lines" => of("application/x-ndjson", b"{\"a\":1}\n[2]\n"),
        "json" => of("application/json", br#"{"a":[1,{"b":"c\"d"}],"e":null}"#),
        "cbor" => of("application/cbor", b"\xa2\x61a\xc1\x1a\x51\x4b\x67\xb0\x61b\x9f\x01\x5f\x41\x02\xff\xf9\x3c\0\xff"),
        "msgpack" => of("application/msgpack", b"\x82\xa1a\x93\x01\xc0\xcb\x3f\xf8\0\0\0\0\0\0\xa1b\xd6\xff\0\0\0\x01"),
        "html" => of("text/html", b"<!doctype html><html><body><p class=\"a>b\">c <b>d</b><pre>\n e</pre><br></body></html>"),
        "xml" => of("application/xml", b"<?xml version=\"1.0\"?><a b='c'><![CDATA[<]]><d/><!-- e -->f</a>"),
        "css" => of("text/css", b"@media a{b:c(d){e:\"f;\"}}/*g*/h{i:url(j;k)}"),
        "javascript" => of("text/javascript", b"function a(b){return/c[/]/.test(`d${e}`)?{f:'g'}:1/2;}//h"),
        "form" => of("application/x-www-form-urlencoded", b"a=1+2&b=%C3%A4&c"),
        "multipart" => of(
            "multipart/form-data",
            b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b\r\nContent-Type: image/png\r\n\r\n\xff\r\n--b--\r\n",
        ),
        "csv" => of("text/csv", b"a,b\n1,\"2\n\"\"3\"\n4\n"),
        "text" => of("text/plain", "ä text".as_bytes()),
        _ => of("application/octet-stream", b"\0\x01\x02\xff"),
    }
}

/// Shows a body, and looks at what comes of it.
fn check(view: &ViewSpec, subject: &Subject) -> Option<Shown> {
    let since = Instant::now();
    let _ = (view.fits)(subject);
    let budget = Budget::begin();
    let shown = (view.show)(subject, &budget);
    let took = since.elapsed();
    // Where many tests share a machine it takes longer than the budget; what has no end takes longer still.
    assert!(took < Duration::from_secs(20), "{} took {took:?} for {} bytes", view.name, subject.bytes.len());
    if let Some(shown) = &shown {
        let kind = serde_json::to_value(shown).unwrap()["kind"].clone();
        assert_eq!(kind, view.kind, "the list says what is shown");
        assert!(depth_of(shown) <= 200 && plain(shown).len() < 64 << 20, "{}", view.name);
    }
    shown
}

fn depth_of(shown: &Shown) -> usize {
    fn deep(nodes: &[Node]) -> usize {
        nodes.iter().map(|node| 1 + deep(&node.nodes)).max().unwrap_or_default()
    }
    match shown {
        Shown::Tree(tree) => deep(&tree.nodes),
        Shown::Sections(sections) => {
            let inner = |section: &Section| 1 + depth_of(&section.shown);
            sections.sections.iter().map(inner).max().unwrap_or_default()
        }
        _ => 0,
    }
}

#[test]
fn each_view_is_the_best_for_its_sample() {
    for view in VIEWS {
        let subject = sample(view.name);
        let best = fitting(&subject);
        assert_eq!(best[0].name, view.name, "of {:?}", best.iter().map(|view| view.name).collect::<Vec<_>>());
        assert!(check(view, &subject).is_some(), "{}", view.name);
        assert!(best.iter().all(|view| check(view, &subject).is_some()), "{}", view.name);
    }
    let mut names: Vec<_> = view_names().map(|view| view.name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), VIEWS.len());
}

#[test]
fn a_cut_sample_is_shown_as_far_as_it_goes() {
    for view in VIEWS {
        let whole = sample(view.name);
        for end in 0..whole.bytes.len() {
            let bytes = whole.bytes[..end].to_vec();
            let text = std::str::from_utf8(&bytes).ok().map(str::to_owned);
            check(view, &Subject { bytes, text, truncated: true, ..whole.clone() });
        }
    }
}

#[test]
fn large_and_nested_bodies_end_in_time() {
    let patterns: &[&[u8]] = &[
        b"[",
        b"{",
        b"{\"a\":",
        b"<a>",
        b"<a ",
        b"</",
        b"<b<x",
        b"--b",
        b"--b\r\n",
        b"(/[",
        b"(",
        b"{a(",
        b"\x0b",
        b"\x0a\x7f",
        b"\xc1",
        b"\x91",
        b"\x9f",
        b"\x81\x01",
        b"\x0c\0\x01",
        b"\0",
        b"\xff",
        b"data: {}\n",
        b"a,",
        b"a\n",
        b"&a=",
        b"\xc0\x0c",
        b"`${",
        b"/*",
        b"\"",
        b"url(",
        b"\x1e{}",
    ];
    for view in VIEWS {
        for pattern in patterns {
            let bytes: Vec<u8> = pattern.iter().copied().cycle().take(32 << 10).collect();
            let text = std::str::from_utf8(&bytes).ok().map(str::to_owned);
            check(view, &Subject { bytes, text, ..sample(view.name) });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn garbage_fails_no_view(bytes in proptest::collection::vec(any::<u8>(), 0..600), truncated: bool) {
        for view in VIEWS {
            let text = std::str::from_utf8(&bytes).ok().map(str::to_owned);
            check(view, &Subject { bytes: bytes.clone(), text, truncated, ..sample(view.name) });
        }
    }

    #[test]
    fn text_fails_no_view(text in "[\\PC\\n\\r\\t\\x1e]{0,400}", truncated: bool) {
        for view in VIEWS {
            let bytes = text.clone().into_bytes();
            check(view, &Subject { bytes, text: Some(text.clone()), truncated, ..sample(view.name) });
        }
    }

    #[test]
    fn markup_fails_no_view(pieces in proptest::collection::vec(
        prop::sample::select(vec![
            "<", ">", "</", "a", "pre", "<!--", "-->", "\"", "'", "{", "}", "[", "]", "(", ")", ",", ":", ";", "\\", "/",
            "*", "`", "${", "...", "on", "query", "$", "@", "#", "\n", " ", "=", "&", "%", "--b", "\r\n", "data:", "ä",
        ]), 0..80)) {
        let text = pieces.concat();
        for view in VIEWS {
            let bytes = text.clone().into_bytes();
            check(view, &Subject { bytes, text: Some(text.clone()), ..sample(view.name) });
        }
    }

    #[test]
    fn a_changed_sample_fails_no_view(at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>()) {
        for view in VIEWS {
            let mut subject = sample(view.name);
            let index = at.index(subject.bytes.len());
            subject.bytes[index] = byte;
            subject.bytes.truncate(cut.index(subject.bytes.len() + 1));
            subject.text = std::str::from_utf8(&subject.bytes).ok().map(str::to_owned);
            check(view, &subject);
        }
    }
}

/// Returns how many nodes are shown, and how many bytes of text.
fn weight(shown: &Shown) -> (usize, usize) {
    fn of(nodes: &[Node]) -> (usize, usize) {
        nodes.iter().fold((0, 0), |(count, text), node| {
            let own =
                [&node.name, &node.kind, &node.value].into_iter().flatten().map(String::len).sum::<usize>();
            let (inner, inside) = of(&node.nodes);
            (count + 1 + inner, text + own + inside)
        })
    }
    match shown {
        Shown::Tree(tree) => of(&tree.nodes),
        Shown::Text(text) => (1, text.text.len()),
        other => panic!("{other:?}"),
    }
}

/// Bodies of a mebibyte that would be much larger as they are shown.
#[test]
fn what_swells_is_held_to_the_budget() {
    const SIZE: usize = 1 << 20;
    let trailers = [&[0x80, 0, 0, 0x0b, 0xb8][..], &b"a:\n".repeat(1000)].concat();
    let lists = |open: u8, many: &[u8], empty: u8| [&[open; 60][..], many, &vec![empty; SIZE]].concat();
    let headers = {
        let lengths = [(SIZE as u32 + 16).to_be_bytes(), (SIZE as u32).to_be_bytes()].concat();
        let prelude = crc32fast::hash(&lengths).to_be_bytes();
        [&lengths, &prelude[..], &vec![0; SIZE + 4]].concat()
    };
    let names = {
        let long = [&[63][..], &[1; 63]].concat().repeat(120);
        let head = b"\0\x01\x81\x80\xff\xff\0\0\0\0\0\0";
        [&head[..], &long, b"\0\0\x01\0\x01", &b"\xc0\x0c\0\x01\0\x01".repeat(SIZE / 6)].concat()
    };
    for (name, bytes) in [
        ("grpc", trailers.repeat(SIZE / trailers.len())),
        ("cbor", lists(0x81, &[0x9a, 0, 0x10, 0, 0], 0x80)),
        ("cbor", [&[0x81; 63][..], &[0x80]].concat().repeat(SIZE / 64)),
        ("msgpack", lists(0x91, &[0xdd, 0, 0x10, 0, 0], 0x90)),
        ("msgpack", [&[0x91; 63][..], &[0x90]].concat().repeat(SIZE / 64)),
        ("aws-events", headers),
        ("dns", names),
    ] {
        let view = VIEWS.iter().find(|view| view.name == name).unwrap();
        let subject = Subject { bytes, text: None, ..sample(name) };
        let budget = Budget::begin();
        let (nodes, text) = weight(&(view.show)(&subject, &budget).unwrap());
        assert!(nodes <= 20_100 && text <= (8 << 20) + (64 << 10), "{name}: {nodes} nodes, {text} bytes");
        assert!(nodes > 100 || text > 1 << 10, "{name}: {nodes} nodes, {text} bytes");
        assert!(budget.is_spent(), "{name}: {nodes} nodes, {text} bytes");
    }
}

#[test]
fn views_share_a_deadline_and_bytes_are_left_behind_it() {
    let name = |deadline| shown(&sample("json"), None, deadline).0.map(|view| view.name);
    assert_eq!(name(Deadline::begin()), Some("json"));
    assert_eq!(name(Deadline::within(Duration::ZERO)), Some("hex"));
}
