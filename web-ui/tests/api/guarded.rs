//! Callers: who may, and who may not.

use base64::Engine as _;
use hyper::Method;
use sha2::Digest as _;

use crate::instance::{Instance, TOKEN, exchange};

#[tokio::test]
async fn without_the_token_nothing_is_answered() {
    let instance = Instance::start().await;
    for fields in [
        &[][..],
        &[("authorization", "Bearer wrong")],
        &[("cookie", "dashcam_session_1=")],
        &[("cookie", "dashcam_token=0123456789abcdef")],
    ] {
        for path in ["/api/v1/exchanges", "/api/v1/openapi.json", "/api/v1/nothing", "/metrics"] {
            let answer = instance.send(Method::GET, path, fields, "").await;
            assert_eq!(answer.error(), (401, "unauthorized".to_owned()), "{path} {fields:?}");
        }
        for path in ["/", "/assets/index.js", "/?token=wrong"] {
            let answer = instance.send(Method::GET, path, fields, "").await;
            let text = String::from_utf8(answer.body.to_vec()).unwrap();
            assert!(answer.status == 401 && text.contains("dashcam status"), "{path} {fields:?}");
        }
    }
    let answer = instance.call_unix(Method::GET, "/exchanges", "").await;
    assert_eq!(answer.status, 200);
    instance.stop().await;
}

#[tokio::test]
async fn the_address_with_the_token_gives_a_cookie_that_opens_the_page() {
    let instance = Instance::start().await;
    let cookie = instance.sign_in().await;
    assert!(cookie.starts_with(&format!("dashcam_session_{}_", instance.address.port())), "{cookie}");
    let cookies = format!("other=1; {cookie}");
    let page = instance.send(Method::GET, "/", &[("cookie", &cookies)], "").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    let scripts: Vec<_> =
        html.split("<script>").skip(1).map(|rest| rest.split_once("</script>").unwrap().0).collect();
    assert!(!scripts.is_empty() && html.matches("<script").count() == scripts.len(), "{html}");
    for script in scripts {
        let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(script));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy} has no hash of {script}");
    }
    let tag = page.header("etag").to_owned();
    let again = instance.send(Method::GET, "/", &[("cookie", &cookies), ("if-none-match", &tag)], "").await;
    assert_eq!(again.status, 304);
    let status = instance.send(Method::GET, "/api/v1/status", &[("cookie", &cookies)], "").await;
    assert_eq!((status.status.as_u16(), status.header("cache-control")), (200, "no-store"));
    instance.stop().await;
}

#[tokio::test]
async fn another_name_for_this_address_is_refused() {
    let instance = Instance::start().await;
    let bearer = format!("Bearer {TOKEN}");
    let port = instance.address.port();
    for (host, status) in [
        (format!("localhost:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        (format!("rebound.example:{port}"), 403),
        ("127.0.0.1".to_owned(), 403),
    ] {
        let fields = [("host", host.as_str()), ("authorization", bearer.as_str())];
        let answer = instance.send(Method::GET, "/api/v1/settings", &fields, "").await;
        assert_eq!(answer.status, status, "{host}");
        if status == 403 {
            assert_eq!(answer.error().1, "host_not_allowed");
        }
    }
    instance.stop().await;
}

#[tokio::test]
async fn other_sites_may_neither_write_nor_read() {
    let instance = Instance::start().await;
    let cookie = instance.sign_in().await;
    let own = format!("http://{}", instance.address);
    for (field, value, status) in [
        ("sec-fetch-site", "same-origin", 200),
        ("sec-fetch-site", "none", 200),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("origin", own.as_str(), 200),
        ("origin", "http://127.0.0.1:1", 403),
        ("origin", "null", 403),
    ] {
        let fields = [("cookie", cookie.as_str()), (field, value)];
        for (method, path) in [
            (Method::DELETE, "/api/v1/exchanges"),
            (Method::GET, "/api/v1/exchanges"),
            (Method::GET, "/metrics"),
            (Method::GET, "/"),
        ] {
            let answer = instance.send(method.clone(), path, &fields, "").await;
            assert_eq!(answer.status, status, "{method} {path} {field}: {value}");
            if status == 403 {
                assert_eq!(answer.error().1, "cross_site");
            }
        }
        // A stream that opens would not end.
        let live = instance.send(Method::GET, "/api/v1/live?x", &[fields[1], ("cookie", "none=1")], "").await;
        assert_eq!(live.status, if status == 403 { 403 } else { 401 }, "{field}: {value}");
    }
    instance.stop().await;
}

#[tokio::test]
async fn nothing_recorded_is_ever_a_page_of_ours() {
    let instance = Instance::start().await;
    let html = [("Content-Type", "text/html")];
    instance.record([exchange(1, "a", "/", &html, b"<script>alert(1)</script>")]).await;
    let cookie = instance.sign_in().await;
    for (path, is_api) in [
        ("/", false),
        ("/favicon.svg", false),
        ("/nothing.js", false),
        ("/api/v1/exchanges/1/response/body", true),
        ("/api/v1/exchanges/1/response/text", true),
        ("/api/v1/exchanges/1/curl", true),
        ("/api/v1/exchanges/1/snippet?format=http", true),
        ("/api/v1/export.har", true),
        ("/api/v1/status", true),
        ("/api/v1/nothing", true),
        ("/metrics", true),
    ] {
        let answer = instance.send(Method::GET, path, &[("cookie", &cookie)], "").await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(policy.contains("sandbox"), is_api, "{path}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}: {name}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        if is_api {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            let media = answer.header("content-type");
            assert!(
                !media.contains("html") && !media.contains("svg") && !media.contains("script"),
                "{path}: {media}"
            );
        }
    }
    instance.stop().await;
}

#[tokio::test]
async fn the_page_for_who_is_signed_out_needs_nothing_unsafe() {
    let instance = Instance::start().await;
    let answer = instance.send(Method::GET, "/", &[], "").await;
    let html = String::from_utf8(answer.body.to_vec()).unwrap();
    let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
    let policy = answer.header("content-security-policy");
    assert!(policy.contains(&format!("style-src 'sha256-{hash}'")) && !policy.contains("unsafe"), "{policy}");
    assert!(!html.contains("<script") && !html.contains("style="), "{html}");
    instance.stop().await;
}
