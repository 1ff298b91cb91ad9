//! Bodies that were compressed with an earlier response's (RFC 9842).

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::{Exchange, Scheme};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::instance::{Instance, exchange};

const DICTIONARY: [(&str, &str); 2] =
    [("Content-Type", "application/json"), ("Use-As-Dictionary", "match=\"/items*\"")];

/// A list of so many items.
fn items(count: u32) -> String {
    let items: Vec<_> =
        (0..count).map(|item| format!("{{\"name\": \"item {item}\", \"price\": {}}}", item * 7)).collect();
    format!("{{\"items\": [{}]}}", items.join(", "))
}

/// `text` in a coding's frame: its magic number, the dictionary's hash, and what it was compressed to.
fn framed(magic: &[u8], dictionary: &[u8], compressed: &[u8]) -> Vec<u8> {
    [magic, &Sha256::digest(dictionary), compressed].concat()
}

fn dcz(dictionary: &[u8], text: &str) -> Vec<u8> {
    let mut encoder = zstd::stream::write::Encoder::with_ref_prefix(Vec::new(), 3, dictionary).unwrap();
    encoder.write_all(text.as_bytes()).unwrap();
    framed(b"\x5e\x2a\x4d\x18\x20\0\0\0", dictionary, &encoder.finish().unwrap())
}

fn coded(id: i64, host: &str, coding: &str, body: &[u8]) -> Exchange {
    exchange(id, host, "/items", &[("Content-Type", "application/json"), ("Content-Encoding", coding)], body)
}

async fn text(instance: &Instance, id: i64) -> Value {
    instance.get(&format!("/exchanges/{id}/response/text?limit=100000")).await.json()
}

#[tokio::test]
async fn a_body_is_decoded_with_an_earlier_one() {
    let instance = Instance::start().await;
    let (old, new) = (items(100), items(120));
    let gzipped = zstd::encode_all(old.as_bytes(), 3).unwrap();
    let fields = [DICTIONARY[0], DICTIONARY[1], ("Content-Encoding", "zstd")];
    let body = dcz(old.as_bytes(), &new);
    assert!(body.len() < 400, "the dictionary helps: {}", body.len());
    let newest = items(121);
    let coded_dictionary = [DICTIONARY[0], DICTIONARY[1], ("Content-Encoding", "dcz")];
    instance
        .record([
            exchange(1, "a", "/other", &DICTIONARY, b"another dictionary"),
            exchange(2, "a", "/items", &fields, &gzipped),
            coded(3, "a", "dcz", &body),
            exchange(4, "a", "/items", &coded_dictionary, &body),
            coded(5, "a", "dcz", &dcz(new.as_bytes(), &newest)),
        ])
        .await;
    for _ in 0..2 {
        let found = text(&instance, 3).await;
        assert_eq!((found["text"].as_str(), &found["note"]), (Some(new.as_str()), &Value::Null));
        assert_eq!(found["encoding"], "dcz");
    }
    let answer = instance.get("/exchanges/3/response/body?decoded").await;
    assert!(answer.body == new.as_bytes(), "{:?}", answer.body);
    let found = text(&instance, 5).await;
    assert_eq!(
        found["text"].as_str(),
        Some(newest.as_str()),
        "a dictionary may be compressed with one: {found}"
    );
    instance.stop().await;
}

#[tokio::test]
async fn the_note_names_a_dictionary_that_is_not_there() {
    let instance = Instance::start().await;
    let old = items(100);
    let body = dcz(old.as_bytes(), &items(101));
    let https = Exchange {
        destination: dashcam_exchange::Destination { scheme: Scheme::Https, host: "a".to_owned(), port: 443 },
        ..exchange(2, "a", "/items", &DICTIONARY, old.as_bytes())
    };
    let cut = exchange(5, "c", "/items", &DICTIONARY, old.as_bytes());
    let cut = Exchange {
        response_body: dashcam_exchange::BodyRecord { size: 1 << 20, truncated: true, ..cut.response_body },
        ..cut
    };
    instance
        .record([
            exchange(1, "b", "/items", &DICTIONARY, old.as_bytes()),
            https,
            exchange(3, "a", "/items", &[], old.as_bytes()),
            coded(4, "a", "dcz", &body),
            cut,
            coded(6, "c", "dcz", &body),
            coded(7, "b", "dcz", b"no dictionary's name, but long enough to have one"),
        ])
        .await;
    let hash: String = Sha256::digest(&old).iter().map(|byte| format!("{byte:02x}")).collect();
    for id in [4, 6] {
        let found = text(&instance, id).await;
        let note = found["note"].as_str().unwrap();
        assert!(note.contains(&hash) && note.starts_with("Content-Encoding says dcz"), "{note}");
        assert_eq!(instance.get(&format!("/exchanges/{id}/response/body?decoded")).await.status, 409);
    }
    let found = text(&instance, 7).await;
    assert!(found["note"].as_str().unwrap().contains("does not begin with"), "{found}");
    instance.stop().await;
}

/// `items(101)` with `items(100)` as its dictionary, by Google's encoder (brotli 1.2.0, quality 11, window 22).
const BROTLI: &str = "G78N4KW6+mADDlgDDrHF4SrITlUAELK1hwIF";

#[tokio::test]
async fn brotli_has_dictionaries_too() {
    let instance = Instance::start().await;
    let (old, new) = (items(100), items(101));
    let body = framed(b"\xffDCB", old.as_bytes(), &STANDARD.decode(BROTLI).unwrap());
    instance
        .record([
            exchange(1, "a", "/items", &DICTIONARY, old.as_bytes()),
            coded(2, "a", "dcb", &body),
            coded(3, "a", "dcb", &body[..body.len() - 4]),
        ])
        .await;
    let found = text(&instance, 2).await;
    assert_eq!((found["text"].as_str(), &found["note"]), (Some(new.as_str()), &Value::Null));
    let cut = text(&instance, 3).await;
    assert!(cut["note"].as_str().unwrap().contains("ends too early"), "{cut}");
    instance.stop().await;
}
