//! Tests of what is hidden, and what is left as it is.

use dashcam_exchange::Version;

use super::*;

const TOKEN: &str = "0123456789abcdef0123456789abcdefFEDC";

fn secrets() -> Secrets {
    Secrets::default().and(TOKEN)
}

fn head(target: &str, fields: &[(&str, &str)]) -> RequestHead {
    RequestHead {
        method: "GET".into(),
        target: target.into(),
        authority: None,
        version: Version::Http11,
        headers: fields.iter().copied().collect(),
    }
}

fn check(name: &str, value: &str, expect: &str) {
    let mut found = head("/", &[("Host", "a"), (name, value), ("X", "1")]);
    let hid = secrets().request(&mut found);
    assert_eq!(found.headers.text(name), Some(expect));
    assert_eq!(hid, value != expect, "{value}");
    assert_eq!((found.headers.text("host"), found.headers.text("x")), (Some("a"), Some("1")));
}

#[test]
fn fields() {
    let stars = "*".repeat(TOKEN.len());
    check("Authorization", &format!("Bearer {TOKEN}"), &format!("Bearer {stars}"));
    check(
        "Referer",
        &format!("http://a/?token={TOKEN}&b={TOKEN}"),
        &format!("http://a/?token={stars}&b={stars}"),
    );
    check("Authorization", "Bearer 0123456789abcdef", "Bearer 0123456789abcdef");
    check("Cookie", "a=1; dashcam_session_8081=xyz; b=2", "a=1; dashcam_session_8081=***; b=2");
    check("Cookie", "dashcam_token=xyz", "dashcam_token=***");
    check("Cookie", "dashcam_session_0a=xyz", "dashcam_session_0a=***");
    check("Set-Cookie", "dashcam_session_1=xy=z; Path=/", "dashcam_session_1=****; Path=/");
    check("Cookie", "dashcam_theme=dark; mydashcam_token=1", "dashcam_theme=dark; mydashcam_token=1");
    check("X-Cookie", "dashcam_token=xyz", "dashcam_token=xyz");
    check("Proxy-Authorization", "Basic dTpw", "Basic [redacted]");
    check("proxy-authorization", "dTpw", "[redacted]");
}

#[test]
fn targets() {
    let mut found = head(&format!("/?token={TOKEN}&b"), &[]);
    assert!(secrets().request(&mut found));
    assert_eq!(found.target, format!("/?token={}&b", "*".repeat(TOKEN.len())));
    assert!(!secrets().request(&mut found));
}

#[test]
fn beginnings_at_the_end_of_a_part() {
    for length in [0, 1, 15, 16, TOKEN.len() - 1] {
        let rest = format!("body {}", &TOKEN[..length]).into();
        let mut body = BodyRecord { rest, ..BodyRecord::default() };
        assert_eq!(secrets().body(&mut body, false), length);
        body.truncated = true;
        assert_eq!(secrets().body(&mut body, false), 0);
        assert_eq!(body.rest, format!("body {}", "*".repeat(length)).into_bytes());
    }
}

#[test]
fn a_secret_is_found_behind_what_only_begins_like_it() {
    let rest = format!("0{}{TOKEN}", &TOKEN[..20]).into();
    let mut body = BodyRecord { rest, ..BodyRecord::default() };
    secrets().body(&mut body, true);
    assert!(body.rest.ends_with(&[b'*'; TOKEN.len()]));
    assert!(body.rest.starts_with(b"00123456789abcdef0123"));
}

#[test]
fn the_last_secrets_are_known() {
    let many = (0..6).fold(Secrets::default(), |secrets, n| secrets.and(&format!("{n:a>16}")));
    let known: Vec<_> = many.secrets.iter().filter_map(|secret| secret.whole.last().copied()).collect();
    assert_eq!(known, b"2345");
    assert_eq!(Secrets::default().and("short").secrets.len(), 0);
}

#[test]
fn what_was_said_to_us_is_withheld() {
    let fields = [("Host", "a"), ("Cookie", "c=1"), ("authorization", "Bearer x")];
    let mut found = head("/path?query=1", &fields);
    withhold(&mut found);
    assert_eq!(found.target, "/path?[redacted]");
    let expect = [("Host", "a"), ("Cookie", "[redacted]"), ("authorization", "[redacted]")];
    assert_eq!(found.headers, expect.into_iter().collect());
}
