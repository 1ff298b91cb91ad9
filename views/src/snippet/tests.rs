//! Snippets as they are written. The end-to-end tests run those whose programs are at hand.

use std::process::Command;

use dashcam_exchange::{Redaction, StoredAs, Version};

use super::*;
use crate::sample;

fn snippet(name: &str, exchange: &Exchange, body: &[u8]) -> String {
    format(name).unwrap().snippet(exchange, body)
}

/// `POST` with a field that came twice, an empty one, and one of other bytes than UTF-8.
fn fields() -> Exchange {
    let mut exchange = sample::exchange();
    for (name, value) in [("X-A", &b"2"[..]), ("X-Empty", b""), ("X-L", b"gr\xf6\xdfe \"\\")] {
        exchange.request.headers.push(name, value);
    }
    exchange
}

#[test]
fn formats_have_names() {
    for known in FORMATS {
        assert_eq!(format(known.name).unwrap().title, known.title);
        let text = known.snippet(&fields(), b"{}");
        assert!(text.contains("X-A") && text.contains("{}"), "{}: {text}", known.name);
    }
    let error = format("cobol").unwrap_err().to_string();
    assert!(
        error.starts_with("unknown format \u{201c}cobol\u{201d}; expected one of curl, powershell, fetch,")
    );
}

#[test]
fn clients_with_one_field_of_a_name_join_them() {
    let text = snippet("fetch", &fields(), b"{}");
    let expect = "// X-A was sent in several fields, which are one here.\n\
                  const response = await fetch(\"https://api.example.com/a?b\", {\n  \
                    method: \"POST\",\n  \
                    headers: [\n    \
                      [\"X-A\", \"1, 2\"],\n    \
                      [\"X-Empty\", \"\"],\n    \
                      [\"X-L\", \"gr\u{f6}\u{df}e \\\"\\\\\"],\n  \
                    ],\n  \
                    body: new TextEncoder().encode(\"{}\"),\n  \
                    redirect: \"manual\",\n\
                  });\n";
    assert!(text.starts_with(expect), "{text}");
    let text = snippet("requests", &fields(), "{\"a\": \"\u{fc}\"}".as_bytes());
    assert!(text.contains("        \"X-A\": \"1, 2\",\n        \"X-Empty\": \"\",\n"), "{text}");
    assert!(text.contains("    data=\"{\\\"a\\\": \\\"\u{fc}\\\"}\".encode(),\n"), "{text}");
}

#[test]
fn the_others_have_all_fields_in_order() {
    let text = snippet("httpx", &fields(), b"a\0\xff");
    assert!(text.contains("            (\"X-A\", \"1\"),\n            (\"X-A\", \"2\"),\n"), "{text}");
    assert!(text.contains("(b\"X-L\", b\"gr\\xf6\\xdfe \\\"\\\\\"),\n"), "{text}");
    assert!(text.contains("        content=b\"a\\x00\\xff\",\n"), "{text}");
    let text = snippet("go", &fields(), b"a\0\xff\n");
    assert!(text.contains("\tbody := strings.NewReader(\"a\\u0000\\xff\\n\")\n"), "{text}");
    assert!(text.contains("http.NewRequest(\"POST\", \"https://api.example.com/a?b\", body)"), "{text}");
    assert!(text.contains("\trequest.Header.Add(\"X-L\", \"gr\\xf6\\xdfe \\\"\\\\\")\n"), "{text}");
    let text = snippet("httpie", &fields(), b"{'a'}");
    let expect = "http --ignore-stdin 'POST' 'https://api.example.com/a?b' \\\n  'X-A: 1' \\\n  'X-A: 2' \\\n  \
                  'X-Empty;' \\\n  'X-L: gr'\"$(printf '\\366')\"''\"$(printf '\\337')\"'e \"\\' \\\n  'User-Agent:' \\\n  \
                  'Accept:' \\\n  'Accept-Encoding:' \\\n  'Content-Type:' \\\n  --raw '{'\\''a'\\''}'\n";
    assert_eq!(text, expect);
}

#[test]
fn bodies_of_hurl() {
    let mut exchange = sample::exchange();
    exchange.request.headers.push("X-H", "a#b {{c}} \\");
    let text = snippet("hurl", &exchange, b"{\"a\": \"`{{\"}");
    assert_eq!(
        text,
        "POST https://api.example.com/a?b\nX-A: 1\nX-H: a\\#b {\\u{7b}c}} \\\\\n`{\"a\": \"\\`{\\u{7b}\"}`\nHTTP *\n"
    );
    let lines = snippet("hurl", &exchange, b"{{a}}\nb\n");
    assert!(lines.contains("\n```raw\n{{a}}\nb\n```\nHTTP *\n"), "{lines}");
    let bytes = snippet("hurl", &exchange, b"a\0");
    assert!(bytes.contains("\nbase64,YQA=;\n"), "{bytes}");
}

#[test]
fn a_request_as_on_the_wire() {
    assert_eq!(
        snippet("http", &sample::exchange(), b"{}"),
        "POST /a?b HTTP/1.1\r\nHost: api.example.com\r\nX-A: 1\r\nContent-Length: 2\r\n\r\n{}"
    );
    let mut exchange = sample::exchange();
    (exchange.request.version, exchange.request.authority) =
        (Version::Http2, Some("other.example.com".to_owned()));
    exchange.request.headers = [("x-a", "1")].into_iter().collect();
    exchange.request_body.size = 0;
    let text = snippet("http", &exchange, b"");
    assert_eq!(text, "POST /a?b HTTP/1.1\r\nHost: other.example.com\r\nx-a: 1\r\n\r\n");
    let text = snippet("http", &fields(), b"\0");
    assert!(text.contains("X-L: gr\\xf6\\xdfe \"\\\r\n") && text.ends_with("\r\n\r\nAA=="), "{text}");
    assert!(text.contains("# The body is no text: this is its base64.\n"), "{text}");
}

#[test]
fn all_say_what_is_redacted_and_what_is_missing() {
    let mut exchange = sample::exchange();
    exchange.redaction = Some(Redaction { set: "default@1a2b3c4d".into(), replaced: 1 });
    exchange.request.headers.push("X-Api-Key", "~sealed.api-key.0123456789abcdef01234567~");
    let record = &mut exchange.request_body;
    (record.stored, record.stored_as, record.truncated) = (3, StoredAs::Redacted, true);
    for known in FORMATS {
        let text = known.snippet(&exchange, b"a=b");
        let sign = if matches!(known.name, "fetch" | "go" | "reqwest") { "//" } else { "#" };
        let notes = format!(
            "{sign} Secrets are redacted (default@1a2b3c4d): put them in before you run it.\n\
             {sign} Not the whole body: its first 3 bytes are here.\n"
        );
        assert!(text.starts_with(&notes), "{}: {text}", known.name);
    }
}

#[test]
fn fetch_and_bodies_of_get() {
    let mut exchange = sample::exchange();
    exchange.request.method = "GET".to_owned();
    let text = snippet("fetch", &exchange, b"{}");
    assert!(text.contains("// fetch sends no body with GET: it is left out.\n") && !text.contains("body:"));
}

/// Checks a snippet with a program that reads it from its standard input.
fn check(program: &str, arguments: &[&str], text: &str) {
    use std::io::Write as _;
    use std::process::Stdio;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program}: {text}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn languages_can_read_them() {
    let every: Vec<u8> = (0..=255).collect();
    for body in [&b""[..], b"{\"a\": \"it's\"}", "\u{fc}\u{2028}\u{e0001}\r\n".as_bytes(), &every] {
        let mut exchange = fields();
        exchange.request.headers.push("X-U", "gr\u{f6}\u{df}e");
        exchange.request_body.size = body.len() as u64;
        check("node", &["--input-type=module", "--check", "-"], &snippet("fetch", &exchange, body));
        let parse = "import ast, sys; ast.parse(sys.stdin.read())";
        check("python3", &["-c", parse], &snippet("requests", &exchange, body));
        check("python3", &["-c", parse], &snippet("httpx", &exchange, body));
        check("rustfmt", &["--edition", "2024"], &snippet("reqwest", &exchange, body));
        check("sh", &["-n"], &snippet("httpie", &exchange, body));
    }
}
