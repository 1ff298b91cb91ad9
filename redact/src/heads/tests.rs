//! Heads before and after.

use dashcam_exchange::{Headers, RequestHead, Version};

use super::*;
use crate::definitions::Definitions;
use crate::keys::Keys;
use crate::memory::Memory;
use crate::placeholder::Unsealed;
use crate::sets::Sets;

/// Redacts with the definitions in `json`: what `of` gives, with `<kind>` for placeholders. It must be the same when it is
/// redacted again, and be what it was when its secrets are put back.
fn redacted(json: &str, (on, name, value): (On, &str, &str)) -> String {
    let definitions: Definitions = serde_json::from_str(json).unwrap();
    let (sets, keys, mut memory) =
        (Sets::compile(&definitions).unwrap(), Keys::new([1; 32]), Memory::default());
    let set = sets.set(None).unwrap();
    let mut headers: Headers = [("A", "1"), (name, value)].into_iter().collect();
    let (before, mut target) = (headers.clone(), value.to_owned());
    let mut redactor = Redactor::new(set, &keys, &mut memory, "api.example");
    match name {
        ":path" => redactor.target(&mut target),
        ":authority" => redactor.authority(&mut target),
        _ => redactor.fields(on, &mut headers),
    }
    let found = redactor.finish();
    let shown = match name {
        ":path" | ":authority" => target.clone(),
        _ => String::from_utf8(headers.first(name).unwrap().to_vec()).unwrap(),
    };
    let (again, again_target) = (headers.clone(), target.clone());
    let mut redactor = Redactor::again(set, &keys, &mut memory, "api.example");
    if name == ":path" {
        redactor.target(&mut target);
    } else {
        redactor.fields(on, &mut headers);
    }
    assert_eq!(redactor.finish().replaced, 0, "again: {shown}");
    assert_eq!((&headers, &target), (&again, &again_target), "again");

    let open = |id: &dashcam_exchange::SealId| {
        let (_, sealed) = found.seals.iter().find(|(other, _)| other == id)?;
        keys.open(id, sealed)
    };
    let mut missing = Unsealed::fields(&mut headers, open).missing;
    missing += Unsealed::text(&mut target, open).missing;
    let is_lost = shown.is_empty() || shown.contains("~masked") || shown.contains("~pseudonym");
    if missing == 0 && !is_lost {
        assert_eq!((&headers, target.as_str()), (&before, value), "put back");
    }
    let placeholder = regex::Regex::new("~(?:sealed|masked|pseudonym)[.]([a-z-]+)[.][a-z0-9]+~").unwrap();
    placeholder.replace_all(&shown, "<$1>").into_owned()
}

#[track_caller]
fn check(name: &str, value: &str, expect: &str) {
    let on = if name.eq_ignore_ascii_case("set-cookie") || name == "Location" {
        On::Response
    } else {
        On::Request
    };
    let found = redacted("{}", (on, name, value));
    assert_eq!(found, expect, "{name}: {value}");
}

#[track_caller]
fn stays(name: &str, value: &str) {
    check(name, value, value);
}

#[test]
fn credentials_keep_their_scheme() {
    check("Authorization", "Basic dXNlcjpwYXNz", "Basic <credential>");
    check("authorization", "Bearer  abc.def-ghi", "Bearer  <credential>");
    check("Authorization", "bearer abc=", "bearer <credential>");
    check("Authorization", "Bearer a", "Bearer <credential>");
    check("Authorization", "Bearer ATATT3xFfGF0aB1cD2=1F2E3D4C", "Bearer <credential>");
    check("Fastly-Key", "a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4", "<api-key>");
    check("Proxy-Authorization", "Negotiate YIIabc==", "Negotiate <credential>");
    check("Authorization", "hunter2", "<credential>");
    check("Authorization", "hunter2 two", "<credential>");
    check("Authorization", "Custom abc def", "Custom <credential>");
    check("Authorization", "Token token=\"abc\", version=2", "Token token=\"<credential>\", version=2");
    check(
        "Authorization",
        "Digest username=\"Mufasa\", realm=\"a, b\", nonce=\"dcd98b71\", uri=\"/dir\", qop=auth, nc=00000001, cnonce=\"0a4f\", response=\"6629fae4\"",
        "Digest username=\"Mufasa\", realm=\"a, b\", nonce=\"<credential>\", uri=\"/dir\", qop=auth, nc=00000001, cnonce=\"<credential>\", response=\"<credential>\"",
    );
    check(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240501/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=fe5f80f77d5fa3be",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240501/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=<credential>",
    );
    check(
        "Authorization",
        "Signature keyId=\"k\",signature=\"ab,c==\"",
        "Signature keyId=\"k\",signature=\"<credential>\"",
    );
    check("X-Forwarded-Authorization", "Bearer abc", "Bearer <credential>");
    check(
        "X-WSSE",
        "UsernameToken Username=\"bob\", PasswordDigest=\"quR/EWLAV4xLf9Zqyw4pDmfV9OY=\", Created=\"2003-12-15\"",
        "UsernameToken Username=\"bob\", PasswordDigest=\"<credential>\", Created=\"2003-12-15\"",
    );
    check("X-Auth-Token", "Bearer abc", "Bearer <token>");
    check("X-Api-Key", "abc", "<api-key>");
    stays("Authorization", "Bearer ");
    stays("WWW-Authenticate", "Bearer realm=\"x\", error=\"invalid_token\"");
}

#[test]
fn cookies_keep_their_names() {
    check("Cookie", "a=b1; c=\"d e\";e = f2 ; g", "a=<cookie>; c=\"<cookie>\";e = <cookie> ; <cookie>");
    check("Cookie", "a=b=c; =x9; d=", "a=<cookie>; =<cookie>; d=");
    check("Cookie", "a=\"x;y\"; b=1z", "a=\"<cookie>;<cookie>; b=<cookie>");
    check(
        "Set-Cookie",
        "sid=a1; Path=/; HttpOnly; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
        "sid=<cookie>; Path=/; HttpOnly; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
    );
    check("Set-Cookie", "a=b1; Path=/, c=d2; Secure", "a=<cookie>; Path=/, c=<cookie>; Secure");
    check("Set-Cookie", "a=b1; SameSite=Lax; odd=x1", "a=<cookie>; SameSite=Lax; odd=<cookie>");
    stays("Set-Cookie", "a=; Max-Age=0");
    stays("Set-Cookie", "a=deleted; Max-Age=0");
    stays("Cookie", "");
}

#[test]
fn targets_keep_their_form() {
    check(":path", "/a?access_token=abc123&x=1", "/a?access_token=<token>&x=1");
    check(":path", "/a?x=1&access%5Ftoken=ab%2Fc123&y", "/a?x=1&access%5Ftoken=<token>&y");
    check(
        ":path",
        "/cb?code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj9x2k7",
        "/cb?code=<oauth-code>&state=<oauth-state>",
    );
    check(":path", "/a;jsessionid=a1b2c3d4e5f6a7b8c9?x=1", "/a;jsessionid=<session>?x=1");
    check(":path", "/a;jsessionid=a1b2c3d4e5f6a7b8c9/b", "/a;jsessionid=<session>/b");
    check(
        ":path",
        "/login?next=%2Fa%3Ftoken%3Dabc123def%26b%3D1",
        "/login?next=%2Fa%3Ftoken%3D<token>%26b%3D1",
    );
    check(":path", "/login?next=/a?token=abc123def;b=1", "/login?next=/a?token=<token>;b=1");
    check(":path", "/login?next=%252Fa%253Ftoken%253Dabc123def", "/login?next=%252Fa%253Ftoken%253D<token>");
    check(":path", "/reset-password/rJ9vXk2mQp7tZs4wYb1nHc6d", "/reset-password/<token>");
    check(":path", "/a?password=p%26w&password=", "/a?password=<password>&password=");
    check(
        ":path",
        "/b?X-Amz-Credential=AKIDEXAMPLE%2F20240501&X-Amz-Date=20240501T000000Z&X-Amz-Signature=fe5f80f77d5fa3be",
        "/b?X-Amz-Credential=<credential>&X-Amz-Date=20240501T000000Z&X-Amz-Signature=<signature>",
    );
    check(
        ":path",
        "/a?user[password]=x1&user%5Btoken%5D=abc123",
        "/a?user[password]=<password>&user%5Btoken%5D=<token>",
    );
    stays(":path", "/a?page_token=rJ9vXk2mQp7tZs4wYb1nHc6d&state=open&code=US&key=name");
    stays(":path", "/users/550e8400-e29b-41d4-a716-446655440000/tokens?limit=10");
    stays(":path", "*");
    stays(":path", "");
    stays(":path", "/?&&=&a==&#");
    check(":authority", "user:hunter2@api.example:8080", "user:<url-credential>@api.example:8080");
    stays(":authority", "user@api.example");
    stays(":authority", "api.example:443");
}

#[test]
fn urls_in_fields() {
    check("Referer", "https://a.example/x?token=abc123def#top", "https://a.example/x?token=<token>#top");
    check(
        "Location",
        "https://a.example/cb#access_token=abc123def&token_type=bearer&state=open",
        "https://a.example/cb#access_token=<token>&token_type=bearer&state=open",
    );
    check("Location", "/app#/route?token=abc123def&x=1", "/app#/route?token=<token>&x=1");
    check(
        "Link",
        "<https://a.example/?api_key=abc123&page=2>; rel=\"next\", </b>; rel=x",
        "<https://a.example/?api_key=<api-key>&page=2>; rel=\"next\", </b>; rel=x",
    );
    check("Refresh", "5; url=/next?token=abc123def", "5; url=/next?token=<token>");
    check("X-Original-URL", "/a?api_key=abc123", "/a?api_key=<api-key>");
    stays("Origin", "https://a.example");
    stays("Link", "</style.css>; rel=preload; as=style");
}

#[test]
fn tokens_of_websockets() {
    check(
        "Sec-WebSocket-Protocol",
        "graphql-ws, access_token, rJ9vXk2mQp7tZs4w",
        "graphql-ws, access_token, <credential>",
    );
    check(
        "Sec-WebSocket-Protocol",
        "base64url.bearer.authorization.k8s.io.c2VjcmV0, base64.binary.k8s.io",
        "base64url.bearer.authorization.k8s.io.<credential>, base64.binary.k8s.io",
    );
    check(
        "Sec-WebSocket-Protocol",
        "realtime, openai-insecure-api-key.abc-123-def, openai-beta.realtime-v1",
        "realtime, openai-insecure-api-key.<credential>, openai-beta.realtime-v1",
    );
    stays("Sec-WebSocket-Protocol", "graphql-transport-ws, v12.stomp, mqtt");
    stays("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
}

#[test]
fn rules_of_one_s_own() {
    let json = r#"{"added": [
        {"header": "X-Customer", "how": "mask", "kind": "customer"},
        {"header": "x-gone", "how": "remove"},
        {"cookie": "theme", "how": "mask"},
        {"query": "q", "host": "api.*", "how": "pseudonym"},
        {"query": "r", "host": "other.*"}
    ], "sets": {"a": {"from": "default", "keep": [{"header": "authorization"}, {"cookie": "lang"}, {"query": "token"}]}}, "set": "a"}"#;
    let check = |name: &str, value: &str, expect: &str| {
        assert_eq!(redacted(json, (On::Request, name, value)), expect, "{name}: {value}");
    };
    check("x-customer", "12345", "<customer>");
    check("X-Gone", "12345", "");
    check("Cookie", "theme=dark; lang=de1; a=b1", "theme=<cookie>; lang=de1; a=<cookie>");
    check("Authorization", "Bearer abc", "Bearer abc");
    check(":path", "/?q=x&r=y&token=abc123def", "/?q=<secret>&r=y&token=abc123def");
}

#[test]
fn whole_heads() {
    let (sets, keys, mut memory) =
        (Sets::compile(&Definitions::default()).unwrap(), Keys::new([1; 32]), Memory::default());
    let head = RequestHead {
        method: "GET".to_owned(),
        target: "/a?token=abc123def".to_owned(),
        authority: Some("user:hunter2@api.example".to_owned()),
        version: Version::Http2,
        headers: [("accept", "*/*"), ("cookie", "a=abc123def"), ("x-api-key", "abc123def")]
            .into_iter()
            .collect(),
    };
    let mut redactor = Redactor::new(sets.set(None).unwrap(), &keys, &mut memory, "api.example");
    let mut changed = head.clone();
    redactor.request(&mut changed);
    let found = redactor.finish();
    assert_eq!((found.replaced, found.seals.len()), (4, 2), "equal secrets are sealed once");
    let id = keys.pseudonym(b"abc123def");
    assert_eq!(changed.target, format!("/a?token=~sealed.token.{id}~"));
    assert_eq!(changed.headers.text("cookie").unwrap(), format!("a=~sealed.cookie.{id}~"));
    let open = |id: &dashcam_exchange::SealId| {
        let (_, sealed) = found.seals.iter().find(|(other, _)| other == id)?;
        keys.open(id, sealed)
    };
    let unsealed = Unsealed::request(&mut changed, open);
    assert_eq!((unsealed, &changed), (Unsealed { put_back: 4, missing: 0 }, &head));
}
