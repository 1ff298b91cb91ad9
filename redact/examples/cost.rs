//! The time that redaction takes for a JSON body in which nothing is found:
//! `cargo run --release -p dashcam-redact --example cost`.

use std::hint::black_box;
use std::time::Instant;

use dashcam_exchange::{Direction, Headers};
use dashcam_redact::{Definitions, Keys, Memory, Redactor, Sets};

/// Times that each body is gone through, and rounds of which the fastest counts.
const TIMES: u32 = 20_000;
const ROUNDS: u32 = 7;

fn main() {
    for size in [1 << 10, 10 << 10, 100 << 10] {
        let body = json(size);
        println!("{:>7} bytes of JSON: {:>9.0} ns", body.len(), fastest(&body, "application/json"));
        println!("{:>7} bytes as text: {:>9.0} ns", body.len(), fastest(&body, "application/javascript"));
    }
}

/// A list of things as an API gives it, of about `size` bytes.
fn json(size: usize) -> Vec<u8> {
    let mut body = br#"{"items":["#.to_vec();
    let mut number = 1000;
    while body.len() < size {
        number += 1;
        let item = format!(
            r#"{{"id":{number},"sku":"AB-{number}","name":"A thing of some kind","price":{{"amount":{number}.50,"currency":"EUR"}},"tags":["new","blue"],"created_at":"2024-05-01T10:20:30.123Z","url":"https://shop.example/things/{number}","in_stock":true,"rating":null}},"#
        );
        body.extend_from_slice(item.as_bytes());
    }
    body.pop();
    body.extend_from_slice(b"]}");
    body
}

fn fastest(body: &[u8], content_type: &str) -> f64 {
    let sets = Sets::compile(&Definitions::default()).expect("the default set compiles");
    let (keys, mut memory) = (Keys::new([1; 32]), Memory::default());
    let set = sets.set(None).expect("the default set is chosen");
    let headers: Headers = [("Content-Type", content_type)].into_iter().collect();
    let mut fastest = f64::INFINITY;
    let times = 2 * TIMES / (u32::try_from(body.len() / 1000).unwrap_or(1) + 1);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for _ in 0..times {
            let mut redactor = Redactor::new(set, &keys, &mut memory, "shop.example");
            let found = redactor.whole_body((Direction::Response, &headers), black_box(body), false);
            assert!(black_box(found).is_none(), "there is no secret in it");
        }
        fastest = fastest.min(began.elapsed().as_secs_f64() * 1e9 / f64::from(times));
    }
    fastest
}
