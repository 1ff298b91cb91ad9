//! Properties of redacted heads, whatever is in them.

use std::sync::Arc;

use dashcam_exchange::{Headers, RequestHead, SealId, Version};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::definitions::Definitions;
use crate::how::On;
use crate::keys::Keys;
use crate::memory::Memory;
use crate::placeholder::Unsealed;
use crate::redactor::{Found, Redactor};
use crate::sets::{Set, Sets};

/// Pieces of heads, of which the odd ones are made too.
const PIECES: [&str; 44] = [
    "token",
    "password",
    "=",
    "=",
    "&",
    ";",
    "; ",
    ", ",
    "?",
    "/",
    "#",
    "%3D",
    "%26",
    "%3F",
    "%2",
    "%253D",
    "\"",
    "\\\"",
    "<",
    ">",
    "Bearer ",
    "Basic ",
    "Digest ",
    "Signature=",
    "url=",
    "://",
    "@",
    ":",
    "a",
    "1",
    "~",
    "~sealed.token.0123456789abcdef01234567~",
    "~masked.card.lt8~",
    "rJ9vXk2mQp7tZs4wYb1nHc6d",
    "hunter2",
    " ",
    "\t",
    "ñ",
    "\u{fe}",
    "code",
    "state",
    "reset",
    ".",
    "x-api-key",
];
const NAMES: [&str; 16] = [
    "authorization",
    "Cookie",
    "set-cookie",
    "Location",
    "referer",
    "link",
    "refresh",
    "Sec-WebSocket-Protocol",
    "x-api-key",
    "x-other",
    "content-type",
    "proxy-authorization",
    "x-wsse",
    "x-auth-token",
    "set-cookie2",
    "a",
];

/// Values of fields that say nothing, and of those that only seem to.
const USUAL: [&str; 22] = [
    "",
    "keep-alive",
    "max-age=0, private, must-revalidate",
    "text/html; charset=utf-8",
    "W/\"9e107d9d372bb6826bd81d3542a419d6\"",
    "550e8400-e29b-41d4-a716-446655440000",
    "Wed, 01 May 2024 10:20:30 GMT",
    "4111 1111 1111 1111",
    "a 4111111111111111",
    "https://shop.example/things/1042?page=2&sort=name",
    "https://shop.example/?next=/a?token=hunter2",
    "https://u:hunter2@shop.example/",
    "/reset/rJ9vXk2mQp7tZs4wYb1nHc6d",
    "/a/private-rJ9vXk2mQp7tZs4wYb1nHc6d",
    "?a;password=hunter2",
    "/a;jsessionid=hunter2hunter2",
    "app://a?code=rJ9vXk2mQp7tZs4wYb1nHc6d",
    "-p hunter2!",
    "-u me:hunter2!",
    "password=hunter2! ",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4.GhIjKl.rJ9vXk2mQp7tZs4wYb1nHc6d012",
    "ghp_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R",
];
const USUAL_NAMES: [&str; 12] = [
    "Date",
    "ETag",
    "Accept-Encoding",
    "Strict-Transport-Security",
    "Referer",
    "Location",
    "X-Request-Id",
    "Authorization-Info",
    "X-Api-Key",
    "Cookie",
    "a-name-of-more-than-forty-six-bytes-that-is-not-remembered",
    "",
];

/// A head as most are.
fn usual_head() -> impl Strategy<Value = RequestHead> {
    let value = || {
        prop_oneof![
            12 => proptest::sample::select(&USUAL[..]).prop_map(|value| value.as_bytes().to_vec()),
            1 => value()
        ]
    };
    let name = prop_oneof![8 => proptest::sample::select(&USUAL_NAMES[..]), 1 => proptest::sample::select(&NAMES[..])];
    (value(), vec((name, value()), 0..70)).prop_map(|(target, fields)| RequestHead {
        method: "GET".to_owned(),
        target: String::from_utf8_lossy(&target).into_owned(),
        authority: None,
        version: Version::Http11,
        headers: fields.into_iter().collect(),
    })
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    let pieces =
        vec(proptest::sample::select(&PIECES[..]), 0..14).prop_map(|pieces| pieces.concat().into_bytes());
    let bytes = vec(any::<u8>().prop_filter("a line", |byte| !matches!(byte, b'\r' | b'\n' | 0)), 0..60);
    prop_oneof![4 => pieces, 1 => bytes]
}

fn head() -> impl Strategy<Value = RequestHead> {
    let fields = vec((proptest::sample::select(&NAMES[..]), value()), 0..6);
    let text = || value().prop_map(|value| String::from_utf8_lossy(&value).into_owned());
    (text(), proptest::option::of(text()), fields).prop_map(|(target, authority, fields)| RequestHead {
        method: "GET".to_owned(),
        target,
        authority,
        version: Version::Http11,
        headers: fields.into_iter().collect(),
    })
}

fn set(json: &str) -> Arc<Set> {
    let definitions: Definitions = serde_json::from_str(json).unwrap();
    Sets::compile(&definitions).unwrap().set(None).unwrap().clone()
}

fn redact(set: &Set, head: &RequestHead, is_raw: bool) -> (RequestHead, Found) {
    let (keys, mut memory, mut head) = (Keys::new([1; 32]), Memory::default(), head.clone());
    let begin = if is_raw { Redactor::new } else { Redactor::again };
    let mut redactor = begin(set, &keys, &mut memory, "api.example");
    redactor.request(&mut head);
    (head, redactor.finish())
}

/// The names of cookies or parameters.
fn names(text: &[u8], sign: u8) -> Vec<Vec<u8>> {
    let name = |piece: &[u8]| {
        piece.iter().position(|byte| *byte == b'=').map(|at| piece[..at].trim_ascii().to_vec())
    };
    text.split(|byte| *byte == sign).map(|piece| name(piece).unwrap_or_default()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn secrets_can_be_put_back(head in head()) {
        let set = set("{}");
        let (redacted, found) = redact(&set, &head, true);
        let keys = Keys::new([1; 32]);
        let open = |id: &SealId| {
            let (_, sealed) = found.seals.iter().find(|(other, _)| other == id)?;
            keys.open(id, sealed)
        };
        let mut back = redacted.clone();
        let _ = Unsealed::request(&mut back, open);
        let is_masked = redacted.headers.iter().any(|(_, value)| value.windows(8).any(|eight| eight == b"~masked."));
        if !is_masked {
            prop_assert_eq!(&back, &head);
        }
        prop_assert_eq!(found.replaced == 0, redacted == head);

        let (again, found) = redact(&set, &redacted, false);
        prop_assert_eq!(found.replaced, 0, "{:?} {:?}", redacted, again);
        prop_assert_eq!(again, redacted);
    }

    #[test]
    fn one_look_finds_as_many_as_one_at_each_field(head in prop_oneof![head(), usual_head()], is_raw in any::<bool>()) {
        // With an expression, no text is passed over.
        let sets = ["{}", r#"{"added": [{"regex": "never, nowhere"}]}"#].map(set);
        let stored = sets.map(|set| {
            let (keys, mut memory) = (Keys::new([1; 32]), Memory::default());
            // The second time, all names are remembered.
            [(), ()].map(|()| {
                let begin = if is_raw { Redactor::new } else { Redactor::again };
                let mut redactor = begin(&set, &keys, &mut memory, "api.example");
                let mut head = head.clone();
                redactor.request(&mut head);
                let wire: Vec<u8> = head.headers.wire().flatten().copied().collect();
                (head, wire, redactor.finish().replaced)
            })
        });
        prop_assert_eq!(&stored[0], &stored[1]);
    }

    #[test]
    fn what_no_rule_names_stays(head in head()) {
        let set = set(r#"{"set": "none", "sets": {"none": {}}}"#);
        let (redacted, found) = redact(&set, &head, false);
        prop_assert_eq!(found, Found::default());
        let wire = |headers: &Headers| headers.wire().flatten().copied().collect::<Vec<_>>();
        prop_assert_eq!(wire(&redacted.headers), wire(&head.headers));
        prop_assert_eq!(redacted, head);
    }

    #[test]
    fn names_stay(value in value(), on in prop_oneof![Just(On::Request), Just(On::Response)]) {
        let (set, keys, mut memory) = (set("{}"), Keys::new([1; 32]), Memory::default());
        let mut headers: Headers = [("cookie", &value)].into_iter().collect();
        let before = headers.first("cookie").unwrap().to_vec();
        let is_legal = headers.check().is_ok();
        let mut redactor = Redactor::again(&set, &keys, &mut memory, "");
        redactor.fields(on, &mut headers);
        prop_assert!(headers.check().is_ok() || !is_legal);
        prop_assert_eq!(names(headers.first("cookie").unwrap(), b';'), names(&before, b';'));
        // Behind a segment's `;`, and in quotes, a value may have a `&` in it.
        let is_plain = !value.iter().any(|byte| matches!(byte, b';' | b'"'));
        if let Some(url) = redactor.url(on, &value).filter(|_| is_plain) {
            prop_assert_eq!(names(&url, b'&').len(), names(&value, b'&').len());
        }
    }
}
