//! Placeholders that came with traffic, in all places.

use dashcam_exchange::{
    Direction, ExchangeId, Headers, Message, MessageKind, RequestHead, SealId, StoredAs, Timestamp, Version,
};

use crate::body::{Body, MessageContext};
use crate::keys::Keys;
use crate::memory::Memory;
use crate::placeholder::{Unsealed, placeholders, unseal};
use crate::redactor::Redactor;
use crate::{Definitions, Sets};

/// The placeholder of another exchange's secret.
const OTHER: &str = "~sealed.token.0123456789abcdef01234567~";

type Seals = Vec<(SealId, Vec<u8>)>;

fn sets(json: &str) -> Sets {
    let definitions: Definitions = serde_json::from_str(json).unwrap();
    Sets::compile(&definitions).unwrap()
}

/// The outcome of `work` with a redactor, and the seals that it leaves.
fn with<T>(json: &str, work: impl FnOnce(&mut Redactor<'_>) -> T) -> (T, Seals) {
    let (sets, keys, mut memory) = (sets(json), Keys::new([1; 32]), Memory::default());
    let mut redactor = Redactor::new(sets.set(None).unwrap(), &keys, &mut memory, "api.example");
    let out = work(&mut redactor);
    (out, redactor.finish().seals)
}

/// The secret of one of `seals`; that of [`OTHER`] is another's.
fn open<'s>(seals: &'s [(SealId, Vec<u8>)]) -> impl Fn(&SealId) -> Option<Vec<u8>> + 's {
    |id| {
        let (_, sealed) = seals.iter().find(|(other, _)| other == id)?;
        Keys::new([1; 32]).open(id, sealed)
    }
}

/// `body` as it is stored in two pieces, and its seals.
fn body(json: &str, content_type: &str, body: &[u8], cut: usize) -> (Vec<u8>, StoredAs, Seals) {
    let (sets, headers) = (sets(json), [("content-type", content_type)].into_iter().collect::<Headers>());
    let ((out, stored_as), seals) = with(json, |redactor| {
        let mut stream = Body::new(sets.set(None).unwrap(), Direction::Request, &headers);
        let mut out = stream.push(&body[..cut], redactor);
        out.extend(stream.push(&body[cut..], redactor));
        out.extend(stream.finish(false, redactor));
        (out, stream.stored_as())
    });
    (out, stored_as, seals)
}

#[track_caller]
fn is_gone(stored: &[u8]) {
    let ours = |kind: &str| kind == "placeholder" || kind == "password" || kind == "url-credential";
    assert!(placeholders(stored).all(|(_, found)| ours(found.kind)), "{}", stored.escape_ascii());
}

#[test]
fn bodies_of_all_kinds() {
    for (content_type, text) in [
        ("text/plain", format!("a {OTHER} b\n~~{OTHER}sealed.a.0123456789abcdef01234567~ {OTHER}")),
        (
            "application/json",
            format!(r#"{{"a":"{OTHER}","{OTHER}":1,"password":"{OTHER}x1y2z3","c":["{OTHER}"]}}"#),
        ),
        ("application/x-www-form-urlencoded", format!("a={OTHER}&{OTHER}=1&password={OTHER}&{OTHER}")),
        ("text/xml", format!("<a b=\"{OTHER}\">{OTHER}</a><password>{OTHER}hunter2</password><{OTHER}/>")),
        ("text/event-stream", format!("data: {OTHER}\n\nevent: {OTHER}\n\n")),
        ("text/csv", format!("a,password\n{OTHER},{OTHER}\n")),
        (
            "multipart/form-data; boundary=x",
            format!("--x\r\nContent-Disposition: form-data; name=\"{OTHER}\"\r\n\r\n{OTHER}\r\n--x--\r\n"),
        ),
        ("application/zip", format!("PK\u{3}\u{4}\0\0\u{1}\u{2}{OTHER}\0\0")),
        ("application/octet-stream", OTHER.to_owned()),
        ("image/png", format!("\u{89}PNG\0\0{OTHER}")),
    ] {
        let text = text.as_bytes();
        for cut in 0..=text.len() {
            let (stored, stored_as, seals) = body("{}", content_type, text, cut);
            is_gone(&stored);
            assert_eq!(stored_as, StoredAs::Redacted);
            let (back, unsealed) = unseal(&stored, open(&seals));
            assert_eq!(
                back.escape_ascii().to_string(),
                text.escape_ascii().to_string(),
                "{content_type} {cut}"
            );
            assert_eq!(unsealed.missing, 0);
        }
    }
}

#[test]
fn bodies_that_are_kept_as_they_came() {
    let text = format!("{}{OTHER}", "x".repeat(2000));
    for cut in 1900..text.len() {
        let json = r#"{"too_large": "keep", "body_limit": 1000}"#;
        let (stored, _, seals) = body(json, "text/plain", text.as_bytes(), cut);
        is_gone(&stored);
        assert_eq!(unseal(&stored, open(&seals)).0, text.as_bytes(), "{cut}");
    }
    // One that is no message of gRPC, as a whole and in pieces.
    let (stored, ..) = body(r#"{"too_large": "keep"}"#, "application/grpc", OTHER.as_bytes(), 0);
    is_gone(&stored);
    let (stored, ..) = body(r#"{"too_large": "keep"}"#, "application/grpc", OTHER.as_bytes(), 9);
    is_gone(&stored);
}

/// A field of Protocol buffers with a length.
fn field(content: &[u8]) -> Vec<u8> {
    [&[10, u8::try_from(content.len()).unwrap()], content].concat()
}

#[test]
fn messages() {
    for (kind, data) in [
        (MessageKind::Text, format!("42[\"{OTHER}\"]").into_bytes()),
        (MessageKind::Binary, format!("{OTHER}\0").into_bytes()),
        (MessageKind::Close, OTHER.into()),
        (MessageKind::Binary, [&field(&field(OTHER.as_bytes()))[..], &field(&[0xff])].concat()),
        (MessageKind::Grpc, field(&field(OTHER.as_bytes()))),
    ] {
        let message = Message {
            exchange: ExchangeId(1),
            seq: 0,
            at: Timestamp(0),
            direction: Direction::Request,
            kind,
            size: data.len() as u64,
            coding: None,
            data,
            redacted: false,
        };
        let (message, _) = with("{}", |redactor| {
            let mut message = message;
            redactor.message(&mut message, &MessageContext::default());
            message
        });
        is_gone(&message.data);
        assert!(message.redacted && !message.data.is_empty(), "{kind:?}");
    }
}

#[test]
fn heads() {
    let head = RequestHead {
        method: "GET".to_owned(),
        target: format!("/{OTHER}?a={OTHER}&password={OTHER}{OTHER}#{OTHER}"),
        authority: Some(format!("{OTHER}:hunter2@a")),
        version: Version::Http11,
        headers: [
            ("x", format!("{OTHER} b")),
            ("authorization", format!("Bearer {OTHER}")),
            ("cookie", format!("a={OTHER}; b=\"{OTHER}\"; {OTHER}")),
            ("referer", format!("https://u:{OTHER}@h/{OTHER}?{OTHER}")),
            ("link", format!("<{OTHER}>; rel=\"{OTHER}\"")),
        ]
        .into_iter()
        .collect(),
    };
    let (redacted, seals) = with("{}", |redactor| {
        let mut redacted = head.clone();
        redactor.request(&mut redacted);
        redacted
    });
    let shown = format!("{redacted:?}");
    assert!(!shown.contains("0123456789abcdef01234567"), "{shown}");
    let mut back = redacted;
    assert_eq!(Unsealed::request(&mut back, open(&seals)).missing, 0);
    assert_eq!(back, head);
}

#[test]
fn secrets_beside_them_are_found() {
    let (stored, _, seals) = body(
        "{}",
        "application/x-www-form-urlencoded",
        &[b"password=", OTHER.as_bytes(), b"hunter2"].concat(),
        0,
    );
    assert!(!String::from_utf8(stored.clone()).unwrap().contains("hunter2"));
    // A value that is put back is never put back again.
    assert_eq!(unseal(&stored, open(&seals)).0, [b"password=", OTHER.as_bytes(), b"hunter2"].concat());
}

#[test]
fn what_comes_before_a_secret_makes_no_placeholder_with_it() {
    let open_one = OTHER.trim_end_matches('~');
    for how in ["seal", "remove", "mask"] {
        let json = format!(
            r#"{{"set": "x", "sets": {{"x": {{"rules": [{{"regex": "SECRET", "how": "{how}"}}]}}}}}}"#
        );
        for text in [format!("{open_one}SECRET~"), format!("{}SECRET{}", &OTHER[..9], &OTHER[9..])] {
            let (stored, _, _) = body(&json, "text/plain", text.as_bytes(), 0);
            let is_left = placeholders(&stored).any(|(range, _)| &stored[range] == OTHER.as_bytes());
            assert!(!is_left, "{}", stored.escape_ascii());
        }
    }
}

#[test]
fn without_seals_they_become_pseudonyms() {
    let (stored, ..) = body(r#"{"no_seal": true}"#, "text/plain", OTHER.as_bytes(), 0);
    assert!(stored.starts_with(b"~pseudonym.placeholder."), "{}", stored.escape_ascii());
    assert!(!stored.windows(24).any(|bytes| bytes == b"0123456789abcdef01234567"));
}

#[test]
fn those_of_an_exchange_that_was_redacted_stay() {
    let (sets, keys, mut memory) = (sets("{}"), Keys::new([1; 32]), Memory::default());
    let mut redactor = Redactor::again(sets.set(None).unwrap(), &keys, &mut memory, "api.example");
    let sealed = OTHER.replace("token", "placeholder");
    let before: Headers =
        [("x", OTHER), ("x-api-key", &sealed), ("cookie", &format!("a={sealed}"))].into_iter().collect();
    let mut headers = before.clone();
    redactor.fields(crate::On::Request, &mut headers);
    assert_eq!(headers, before);
    assert_eq!(redactor.finish().replaced, 0);
}
