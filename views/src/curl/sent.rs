//! Commands that are run with the real curl: the origin gets what was recorded.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use dashcam_exchange::{Destination, Headers, Scheme, Version};

use super::*;
use crate::sample;

/// The bytes that an origin gets when the command is run. It answers and closes once `ends` says that all is there.
fn got(make: impl FnOnce(u16) -> String, ends: fn(&[u8]) -> bool) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let command = make(address.port());
    let origin = thread::spawn(move || read(&listener.accept().unwrap().0, ends));
    let script = format!("curl() {{ command curl -q -sS -m 20 --noproxy '*' \"$@\"; }}\n{command}");
    Command::new("sh").arg("-c").arg(script).output().unwrap();
    // An origin to which no command came does not wait for ever.
    let _ = TcpStream::connect(address);
    origin.join().unwrap()
}

fn read(mut stream: &TcpStream, ends: fn(&[u8]) -> bool) -> Vec<u8> {
    let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
    while !ends(&all) {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "it ended too early: {}", String::from_utf8_lossy(&all));
        all.extend_from_slice(&buffer[..read]);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    all
}

/// Returns whether an HTTP/1 request with a body of an announced length is whole.
fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    request.len() - end - 4 >= length.map_or(0, |length| length.parse().unwrap())
}

fn exchange(line: &str, fields: &[(&'static str, &[u8])], body: &[u8], port: u16) -> Exchange {
    let (mut exchange, mut headers) = (sample::exchange(), Headers::default());
    exchange.destination = Destination { scheme: Scheme::Http, host: "127.0.0.1".to_owned(), port };
    headers.push("Host", exchange.destination.authority());
    fields.iter().for_each(|(name, value)| headers.push(name, value));
    let (method, target) = line.split_once(' ').unwrap();
    (exchange.request.method, exchange.request.target) = (method.to_owned(), target.to_owned());
    exchange.request.headers = headers;
    exchange.request_body.size = body.len() as u64;
    exchange
}

/// Checks that an origin gets the line, all fields and the body.
fn check(line: &str, fields: &[(&'static str, &[u8])], body: &[u8]) {
    let mut host = Vec::new();
    let found = got(
        |port| {
            host = format!("Host: 127.0.0.1:{port}").into_bytes();
            command(&exchange(line, fields, body, port), body)
        },
        is_whole,
    );
    let mut expect = vec![format!("{line} HTTP/1.1").into_bytes(), host];
    expect.extend(fields.iter().map(|(name, value)| [name.as_bytes(), b": ", value].concat()));
    let end = found.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let mut lines: Vec<Vec<u8>> =
        found[..end].split(|byte| *byte == b'\n').map(|line| line.trim_ascii().to_vec()).collect();
    let trimmed: Vec<Vec<u8>> = expect.iter().map(|line| line.trim_ascii().to_vec()).collect();
    let mut expect = trimmed;
    lines[1..].sort();
    expect[1..].sort();
    let shown =
        |lines: &[Vec<u8>]| lines.iter().map(|line| line.escape_ascii().to_string()).collect::<Vec<_>>();
    assert_eq!(shown(&lines), shown(&expect), "{line}");
    assert_eq!(&found[end + 4..], body, "{line}");
}

#[test]
fn targets() {
    for target in [
        "/",
        "/?",
        "/a?",
        "/a?b#c",
        "/a#",
        "/gr\u{f6}\u{df}e?q=\u{fc}",
        "/a/../b/./c",
        "/a/%2e%2E/b",
        "//a//b",
        "/a[1-3]{b,c}?x[]=1&y={z}",
        "/a\\b?c=\\d",
        "/a'b\"c?d='\"|^`<>",
        "/a%2fb%zz%",
        "/$(id)`id`!!&;",
        "*",
    ] {
        check(&format!("GET {target}"), &[], b"");
    }
}

#[test]
fn fields_and_bodies() {
    check("GET /", &[("X-L", b"gr\xf6\xdfe"), ("Cookie", b"n=M\xfcller; s=1")], b"");
    check("GET /", &[("X-U", "gr\u{f6}\u{df}e".as_bytes()), ("X-E", b""), ("X-S", b"a;b;")], b"");
    check("GET /", &[("X-D", b"1"), ("X-D", b"2"), ("x-i", b"'; echo $(id) `id` \\ #")], b"");
    check("GET /", &[("TE", b"trailers"), ("Connection", b"TE")], b"");
    check("get /", &[("User-Agent", b"a"), ("Accept", b"b")], b"");
    for method in ["POST", "PUT", "PATCH", "DELETE", "GET"] {
        check(&format!("{method} /"), &[("Content-Length", b"0")], b"");
    }
    check("POST /", &[("Content-Length", b"5")], b"a=%\n\n");
    check("POST /", &[("Content-Length", b"5"), ("Content-Type", b"a/b")], b"@\0x\xff\n");
}

#[test]
fn http2_without_tls() {
    let found = got(
        |port| {
            let mut exchange = exchange("GET /", &[], b"", port);
            exchange.request.version = Version::Http2;
            command(&exchange, b"")
        },
        |all| all.len() >= 24,
    );
    assert!(found.starts_with(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "{}", found.escape_ascii());
}
