//! The time that redaction takes where nothing is found: bodies of JSON in several styles, and whole exchanges.
//! `cargo run --release -p dashcam-redact --example cost`; with a style, a size and a number of rounds behind it, only
//! that body, so often, as for `perf stat -e instructions:u`.

use std::hint::black_box;
use std::time::Instant;

use dashcam_exchange::{Direction, Exchange, Headers, sample};
use dashcam_redact::{Definitions, Keys, Memory, Redactor, Sets};

/// Rounds of which the fastest counts, and bytes that each goes through.
const ROUNDS: u32 = 9;
const BYTES: usize = 10 << 20;

/// A list's items in several styles, in which `#` stands for digits of a number that is another each time.
const STYLES: [(&str, &str); 8] = [
    (
        "list",
        r#"{"id":####,"sku":"AB-####","name":"A thing of some kind","price":{"amount":###.50,"currency":"EUR"},"tags":["new","blue"],"created_at":"2024-05-01T10:20:30.123Z","url":"https://shop.example/things/####","in_stock":true,"rating":null},"#,
    ),
    (
        "pretty",
        "\n    {\n      \"id\": ####,\n      \"title\": \"A thing of some kind\",\n      \"author\": {\n        \"name\": \"Jo Smith\",\n        \"email\": \"jo.####@mail.example\"\n      },\n      \"updated\": \"2024-05-01T10:20:30Z\",\n      \"labels\": [\n        \"new\",\n        \"blue\"\n      ],\n      \"draft\": false\n    },",
    ),
    (
        "prose",
        r##"{"text":"When the ship came into the harbour, number #### of that year, people stood on the pier and waited; some had been there since the morning. \"It is late,\" said one of them, and looked at the clock of the custom house, which showed half past four.\nThe keeper of the light turned the key in the door, as on every evening, and took the road home along the mapping of dunes."},"##,
    ),
    (
        "ids",
        r#"{"id":"550e8400-e29b-41d4-a716-44665544####","etag":"9e107d9d372bb6826bd81d3542a4####","sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852####","at":171456####000,"parent":"6ba7b810-9dad-11d1-80b4-00c04fd4####","seq":1099511####},"#,
    ),
    (
        "alike",
        r#"{"key":"item-####","token_count":####,"author":"Jo Smith","max_tokens":4096,"keyboard":"qwerty","session_count":12,"public_key_id":"k####","page_token_size":50,"authorized":true,"tokenizer":"cl100k","pinned":false,"has_password":true,"shipping":"task-force en-us","primary_key":"id"},"#,
    ),
    (
        "records",
        r#"{"id":1000####,"name":"user-#a##f#","active":true ,"score":###,"updated_at":"2026-11-30T10:20:30Z","role":"member","tags":["a","b"]},"#,
    ),
    ("numbers", r#"[####,-0.####,12.5,null,0.000####,true,1e-7,####],"#),
    (
        "chat",
        r#"{"index":##,"message":{"role":"assistant","content":"Sure, here is the list that you asked for:\n\n1. **First**: the thing (####)\n2. **Second**: another — with `code` in it","refusal":null},"finish_reason":"stop","usage":{"prompt_tokens":####,"completion_tokens":###,"total_tokens":####},"system_fingerprint":"fp_44709d####"},"#,
    ),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [style, size, times] = &arguments[..] {
        let (size, times) = (size.parse().expect("a size"), times.parse().expect("a number"));
        let measure = Measure::new();
        if style == "exchange" {
            measure.exchanges(&mut exchange(&json(STYLES[0].1, size)), times);
        } else {
            let (_, item) = STYLES.iter().find(|(name, _)| name == style).expect("a style");
            measure.bodies(&json(item, size), "application/json", times);
        }
        return;
    }
    let measure = Measure::new();
    for size in [1 << 10, 10 << 10, 100 << 10] {
        for (name, item) in STYLES {
            let body = json(item, size);
            let ns = fastest(body.len(), |times| measure.bodies(&body, "application/json", times));
            report(body.len(), name, ns);
        }
        let body = json(STYLES[0].1, size);
        let ns = fastest(body.len(), |times| measure.bodies(&body, "application/javascript", times));
        report(body.len(), "list, as text", ns);
    }
    for size in [0, 1 << 10, 10 << 10] {
        let body = if size == 0 { Vec::new() } else { json(STYLES[0].1, size) };
        let mut exchange = exchange(&body);
        let ns = fastest(body.len() + 1000, |times| measure.exchanges(&mut exchange, times));
        report(body.len(), "exchange", ns);
    }
}

fn report(bytes: usize, name: &str, ns: f64) {
    let bytes_each = f64::from(u32::try_from(bytes.max(1)).unwrap_or(u32::MAX));
    println!("{bytes:>7} bytes, {name:<14} {ns:>9.0} ns, {:>6.2} ns/byte", ns / bytes_each);
}

/// A list of things as an API gives it, of about `size` bytes.
fn json(item: &str, size: usize) -> Vec<u8> {
    let mut body = r#"{"items":["#.to_owned();
    let mut number: u32 = 1000;
    while body.len() < size {
        number += 1;
        let mut digits = number.to_string().into_bytes().into_iter().cycle();
        let digit = |sign| if sign == '#' { char::from(digits.next().unwrap_or(b'1')) } else { sign };
        body.extend(item.chars().map(digit));
    }
    body.pop();
    body.push_str("]}");
    body.into_bytes()
}

/// A request with a small JSON body, and a response with `body`: ten fields each way.
fn exchange(body: &[u8]) -> Exchange {
    let request = sample::request(
        "POST",
        "/api/v2/things?page=2&limit=50&sort=created_at",
        &[
            ("Host", "shop.example"),
            ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0"),
            ("Accept", "application/json, text/plain, */*"),
            ("Accept-Language", "en-US,en;q=0.5"),
            ("Accept-Encoding", "gzip, deflate, br, zstd"),
            ("Content-Type", "application/json"),
            ("Content-Length", "62"),
            ("Origin", "https://shop.example"),
            ("Referer", "https://shop.example/things?page=1"),
            ("Connection", "keep-alive"),
        ],
    );
    let response = sample::ok(&[
        ("Date", "Wed, 01 May 2024 10:20:30 GMT"),
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", "1234"),
        ("Connection", "keep-alive"),
        ("Cache-Control", "max-age=0, private, must-revalidate"),
        ("ETag", "W/\"9e107d9d372bb6826bd81d3542a419d6\""),
        ("Vary", "Accept-Encoding, Origin"),
        ("X-Request-Id", "550e8400-e29b-41d4-a716-446655440000"),
        ("X-Runtime", "0.034112"),
        ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ]);
    Exchange {
        request,
        response: Some(response),
        request_body: sample::body(br#"{"filter":{"colour":"blue","in_stock":true},"columns":["id"]}"#),
        response_body: sample::body(body),
        ..sample::exchange(1)
    }
}

/// All that redaction needs.
struct Measure {
    sets: Sets,
    keys: Keys,
}

impl Measure {
    fn new() -> Self {
        let sets = Sets::compile(&Definitions::default()).expect("the default set compiles");
        Self { sets, keys: Keys::new([1; 32]) }
    }

    fn bodies(&self, body: &[u8], content_type: &str, times: u32) {
        let (set, mut memory) = (self.sets.set(None).expect("the default set is chosen"), Memory::default());
        let headers: Headers = [("Content-Type", content_type)].into_iter().collect();
        for _ in 0..times {
            let mut redactor = Redactor::new(set, &self.keys, &mut memory, "shop.example");
            let found = redactor.whole_body((Direction::Response, &headers), black_box(body), false);
            assert!(black_box(found).is_none(), "there is no secret in it");
        }
    }

    fn exchanges(&self, exchange: &mut Exchange, times: u32) {
        let (set, mut memory) = (self.sets.set(None).expect("the default set is chosen"), Memory::default());
        for _ in 0..times {
            let exchange = black_box(&mut *exchange);
            let mut redactor = Redactor::new(set, &self.keys, &mut memory, "shop.example");
            redactor.heads(exchange);
            let response = exchange.response.as_ref().map_or(&exchange.request.headers, |head| &head.headers);
            let bodies = [
                (Direction::Request, &exchange.request.headers, &exchange.request_body.rest),
                (Direction::Response, response, &exchange.response_body.rest),
            ];
            for (direction, headers, body) in bodies {
                let found = redactor.whole_body((direction, headers), body, false);
                assert!(black_box(found).is_none(), "there is no secret in it");
            }
            assert_eq!(black_box(redactor.finish()).replaced, 0, "there is no secret in it");
        }
    }
}

/// The nanoseconds of the fastest round, for one time.
fn fastest(bytes: usize, mut run: impl FnMut(u32)) -> f64 {
    let times = u32::try_from(BYTES / bytes.max(1)).unwrap_or(u32::MAX).min(20_000);
    let mut fastest = f64::INFINITY;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        run(times);
        fastest = fastest.min(began.elapsed().as_secs_f64() * 1e9 / f64::from(times));
    }
    fastest
}
