//! Who may call.

use hyper::Method;

use crate::instance::{Instance, TOKEN};

#[tokio::test]
async fn without_the_token_nothing_is_answered() {
    let instance = Instance::start().await;
    for fields in [
        &[][..],
        &[("authorization", "Bearer wrong")],
        &[("cookie", "dashcam_token=")],
        &[("cookie", "token=0123456789abcdef")],
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
    let answer = instance.send(Method::GET, &format!("/?token={TOKEN}"), &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"));
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    assert_eq!(cookie, format!("dashcam_token={TOKEN}"));
    let cookies = format!("other=1; {cookie}");
    let page = instance.send(Method::GET, "/", &[("cookie", &cookies)], "").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(
        (page.header("x-content-type-options"), page.header("referrer-policy")),
        ("nosniff", "no-referrer")
    );
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
async fn other_sites_may_not_write() {
    let instance = Instance::start().await;
    let cookie = format!("dashcam_token={TOKEN}");
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
        let answer = instance.send(Method::DELETE, "/api/v1/exchanges", &fields, "").await;
        assert_eq!(answer.status, status, "{field}: {value}");
        if status == 403 {
            assert_eq!(answer.error().1, "cross_site");
        }
    }
    instance.stop().await;
}
