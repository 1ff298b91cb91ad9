#!/usr/bin/env bash
# Rust's h2 crate forgets that a received field must never be indexed.
#
# RFC 7541 §6.2.3: a field may be sent as a literal that is never indexed, and "intermediaries MUST
# use the same representation for encoding this header field". `http::HeaderValue` has a flag for
# it, `is_sensitive`, and h2 sends a value with that flag as such a literal. So a value that came as
# one should have the flag.
#
# Seen with h2 0.4.20 and http 1.5.0: a request's field that came as a never indexed literal has
# is_sensitive() = false. The other direction works: a response's field with set_sensitive(true)
# leaves as 0001xxxx (§6.2.3). The documentation does not say that it is one way only.
#
# Each proxy on h2 or hyper sends such values on in a form that may go into the next
# hop's dynamic table. It can only mark fields by name (Authorization, Cookie) on its own. Python's
# hpack and Node.js's http2 (`sensitiveHeaders`) keep it.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
export CARGO_TARGET_DIR="$tmp/target"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
h2 = "=0.4.20"
http = "=1.5.0"
tokio = { version = "1", features = ["rt", "macros", "io-util"] }
TOML

cat >src/main.rs <<'RS'
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// An HTTP/2 frame with a payload of less than 256 bytes.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("short payloads only");
    [&[0, 0, length, kind, flags, 0, 0, 0, stream], payload].concat()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (mut client, server) = tokio::io::duplex(65536);
    // GET, http, "/", then "x-secret: key" as a literal that is never indexed (0x10).
    let fields = [&[0x82, 0x86, 0x84, 0x10, 8][..], b"x-secret", &[3], b"key"].concat();
    client.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    client.write_all(&frame(4, 0, 0, &[])).await.unwrap();
    client.write_all(&frame(1, 5, 1, &fields)).await.unwrap();

    let mut connection = h2::server::handshake(server).await.unwrap();
    let (request, mut respond) = connection.accept().await.unwrap().unwrap();
    let received = request.headers()["x-secret"].is_sensitive();
    let mut value = http::HeaderValue::from_static("key");
    value.set_sensitive(true);
    let response = http::Response::builder().header("x-secret", value).body(()).unwrap();
    respond.send_response(response, true).unwrap();
    tokio::spawn(async move { connection.accept().await.is_none() });

    let mut head = [0; 9];
    let mut payload = Vec::new();
    while head[3] != 1 {
        client.read_exact(&mut head).await.unwrap();
        payload.resize(usize::from(head[2]), 0);
        client.read_exact(&mut payload).await.unwrap();
    }
    // The first field is :status, an index of the static table; the second is ours.
    let kept = payload[1] & 0xf0 == 0x10;
    println!("received as never indexed: is_sensitive() = {received}");
    println!("sent with set_sensitive(true): never indexed = {kept}");
    if received || !kept {
        eprintln!("the behaviour has changed");
        std::process::exit(1);
    }
}
RS
cargo tree -q --depth 1 | grep -E '── (h2|http) '
cargo run -q
