//! Commands, and what a real shell makes of them.

use std::process::Command;

use dashcam_exchange::{StoredAs, Version};

use super::*;
use crate::sample::exchange;

/// The command's words, as the shell passes them to `curl`, and what it gets on standard input.
fn run(command: &str) -> (Vec<String>, Vec<u8>) {
    let script =
        format!("curl() {{ printf '%s\\n' \"$#\" \"$@\"; case \"$*\" in *@-*) cat;; esac; }}\n{command}");
    let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut lines = output.stdout.splitn(2, |byte| *byte == b'\n');
    let count: usize = std::str::from_utf8(lines.next().unwrap()).unwrap().parse().unwrap();
    let mut rest = lines.next().unwrap();
    let mut words = Vec::new();
    for _ in 0..count {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
        words.push(String::from_utf8(rest[..end].to_vec()).unwrap());
        rest = &rest[end + 1..];
    }
    (words, rest.to_vec())
}

#[test]
fn a_post_with_text() {
    let mut exchange = exchange();
    exchange.request.headers.push("X-Quote", "it's");
    exchange.request.headers.push("X-Empty", "");
    exchange.request.headers.push("Accept-Encoding", "gzip");
    let (words, _) = run(&command(&exchange, b"{}"));
    let expect = [
        "https://api.example.com/a?b",
        "--http1.1",
        "-H",
        "X-A: 1",
        "-H",
        "X-Quote: it's",
        "-H",
        "X-Empty;",
        "-H",
        "Accept-Encoding: gzip",
        "-H",
        "User-Agent:",
        "-H",
        "Accept:",
        "-H",
        "Content-Type:",
        "--compressed",
        "--data-binary",
        "{}",
    ];
    assert_eq!(words, expect);
}

#[test]
fn a_body_that_no_terminal_shows() {
    let body: Vec<u8> = (0..=255).collect();
    let mut exchange = exchange();
    exchange.request_body.size = 256;
    let (words, input) = run(&command(&exchange, &body));
    assert_eq!(words[words.len() - 2..], ["--data-binary", "@-"]);
    assert_eq!(input, body);
}

#[test]
fn a_body_that_looks_like_a_file() {
    let mut exchange = exchange();
    exchange.request_body.size = 7;
    let (words, _) = run(&command(&exchange, b"@secret"));
    assert_eq!(words[words.len() - 2..], ["--data-raw", "@secret"]);
}

#[test]
fn a_cut_body_is_said_to_be_cut() {
    let mut exchange = exchange();
    exchange.request_body.size = 10;
    let text = command(&exchange, b"{}");
    assert!(text.starts_with("# Not the whole body: 2 of its 10 bytes are here.\ncurl '"), "{text}");
}

#[test]
fn methods_urls_and_versions() {
    let mut exchange = exchange();
    exchange.request_body = dashcam_exchange::BodyRecord::default();
    exchange.request.headers = [("Host", "api.example.com")].into_iter().collect();
    exchange.request.method = "OPTIONS".to_owned();
    exchange.request.target = "*".to_owned();
    exchange.request.version = Version::Http2;
    let (words, _) = run(&command(&exchange, b""));
    assert_eq!(words[1..6], ["-X", "OPTIONS", "--request-target", "*", "--http2"]);
    exchange.request.method = "HEAD".to_owned();
    exchange.request.target = "/../[1]".to_owned();
    let (words, _) = run(&command(&exchange, b""));
    assert_eq!(words[..4], ["https://api.example.com/../[1]", "--head", "--globoff", "--path-as-is"]);
}

#[test]
fn what_would_be_commands_to_a_terminal_is_left_to_printf() {
    assert_eq!(
        quoted("a\u{1b}[201~\rb'c\n".as_bytes()),
        "'a'\"$(printf '\\033')\"'[201~'\"$(printf '\\015')\"'b'\\''c\n'"
    );
}

#[test]
fn what_is_redacted_is_said() {
    let mut exchange = exchange();
    exchange.request.method = "POST".to_owned();
    exchange.request.headers.push("Content-Encoding", "gzip");
    exchange.redaction = Some(dashcam_exchange::Redaction { set: "default@1a2b3c4d".into(), replaced: 1 });
    let record = &mut exchange.request_body;
    (record.size, record.stored, record.stored_as) = (40, 3, StoredAs::Redacted);
    assert!(!command(&exchange, b"a=b").contains("redacted"), "there is nothing to put in");
    exchange.request.headers.push("X-Api-Key", "~sealed.api-key.0123456789abcdef01234567~");
    let text = command(&exchange, b"a=b");
    assert!(text.starts_with("# Secrets are redacted (default@1a2b3c4d): put them in before you run it.\n"));
    assert!(!text.contains("Not the whole body") && !text.to_ascii_lowercase().contains("content-encoding"));
    exchange.request_body.truncated = true;
    assert!(command(&exchange, b"a=b").contains("# Not the whole body: its first 3 bytes are here.\n"));
    exchange.request_body.stored_as = StoredAs::Withheld;
    assert!(command(&exchange, b"").contains("# The body is withheld"));
}
