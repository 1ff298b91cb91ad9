//! Sessions and the token: how they begin and end.

use std::time::Duration;

use dashcam_web_ui::PageLimits;
use http_body_util::BodyExt as _;
use hyper::Method;
use hyper::body::Incoming;

use crate::instance::{Instance, NEW_TOKEN, TOKEN};

async fn status(instance: &Instance, fields: &[(&str, &str)]) -> u16 {
    instance.send(Method::GET, "/api/v1/settings", fields, "").await.status.as_u16()
}

/// Reads a stream until it breaks off, as it has to.
async fn broken_off(mut body: Incoming) {
    let broken = async { while body.frame().await.expect("it breaks off and does not end").is_ok() {} };
    tokio::time::timeout(Duration::from_secs(10), broken).await.expect("it breaks off in time");
}

#[tokio::test]
async fn a_cookie_is_a_session_and_never_the_token() {
    let instance = Instance::start().await;
    let answer = instance.send(Method::GET, &format!("/?token={TOKEN}"), &[], "").await;
    let cookies: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let (name, value) = cookies[0].split(';').next().unwrap().split_once('=').unwrap();
    assert!(name.starts_with(&format!("dashcam_session_{}_", instance.address.port())), "{name}");
    assert!(value.len() == 64 && !cookies.concat().contains(TOKEN), "{cookies:?}");
    assert!(cookies[0].ends_with("; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000"), "{cookies:?}");
    assert!(cookies[1].starts_with("dashcam_token=; ") && cookies[1].ends_with("Max-Age=0"), "{cookies:?}");
    let other = instance.sign_in().await;
    assert_ne!(other, format!("{name}={value}"));
    assert_eq!(status(&instance, &[("cookie", &other)]).await, 200);
    assert_eq!(status(&instance, &[("authorization", &format!("Bearer {value}"))]).await, 401);
    let kept = std::fs::read_to_string(instance.home.path().join("sessions")).unwrap();
    assert!(!kept.contains(value) && !kept.contains(TOKEN), "the file can't be used to sign in: {kept}");
    instance.stop().await;
}

#[tokio::test]
async fn signing_out_ends_this_session_or_all() {
    let instance = Instance::start().await;
    let (one, two, three) = (instance.sign_in().await, instance.sign_in().await, instance.sign_in().await);
    let live = instance.open_with("/live", ("cookie", &one)).await;
    let sign_out = async |path: &str, cookie: &str| {
        instance.send(Method::POST, &format!("/api/v1/sign-out{path}"), &[("cookie", cookie)], "").await
    };
    let answer = sign_out("", &one).await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").ends_with("; Max-Age=0"), "{}", answer.header("set-cookie"));
    assert_eq!(status(&instance, &[("cookie", &one)]).await, 401);
    broken_off(live.into_body()).await;
    assert_eq!(status(&instance, &[("cookie", &two)]).await, 200, "others stay");
    assert_eq!(sign_out("", &one).await.status, 401);
    assert_eq!(sign_out("?everywhere=true", &two).await.status, 204);
    for cookie in [&two, &three] {
        assert_eq!(status(&instance, &[("cookie", cookie)]).await, 401);
    }
    let with_token = instance.call(Method::POST, "/sign-out", "").await;
    assert_eq!(with_token.error(), (409, "conflict".to_owned()));
    let four = instance.sign_in().await;
    assert_eq!(instance.call(Method::POST, "/sign-out?everywhere=true", "").await.status, 204);
    assert_eq!(status(&instance, &[("cookie", &four)]).await, 401);
    assert_eq!(status(&instance, &[("authorization", &format!("Bearer {TOKEN}"))]).await, 200);
    instance.stop().await;
}

#[tokio::test]
async fn a_new_token_ends_everything_that_the_old_one_began() {
    let instance = Instance::start().await;
    let cookie = instance.sign_in().await;
    let of_session = instance.open_with("/live", ("cookie", &cookie)).await;
    let of_token = instance.open("/live").await;
    for field in [("cookie", cookie.as_str()), ("authorization", &format!("Bearer {TOKEN}"))] {
        let refused = instance.send(Method::POST, "/api/v1/token/rotate", &[field], "").await;
        assert_eq!(refused.error(), (403, "owner_only".to_owned()));
    }
    assert_eq!(instance.call_unix(Method::POST, "/token/rotate", "").await.status, 204);
    broken_off(of_session.into_body()).await;
    broken_off(of_token.into_body()).await;
    assert_eq!(status(&instance, &[("cookie", &cookie)]).await, 401);
    assert_eq!(status(&instance, &[("authorization", &format!("Bearer {TOKEN}"))]).await, 401);
    assert_eq!(status(&instance, &[("authorization", &format!("Bearer {NEW_TOKEN}"))]).await, 200);
    assert_eq!(instance.send(Method::GET, &format!("/?token={TOKEN}"), &[], "").await.status, 401);
    instance.stop().await;
}

#[tokio::test]
async fn a_stream_ends_with_the_lifetime_of_its_session() {
    let limits = PageLimits { session_lifetime: Duration::from_secs(1), ..PageLimits::default() };
    let instance = Instance::start_with(limits).await;
    let cookie = instance.sign_in().await;
    let live = instance.open_with("/live", ("cookie", &cookie)).await;
    if live.status() == 200 {
        broken_off(live.into_body()).await;
    }
    assert_eq!(status(&instance, &[("cookie", &cookie)]).await, 401);
    instance.stop().await;
}

#[tokio::test]
async fn wrong_tokens_are_counted_and_slow_down_who_tries_them() {
    let instance = Instance::start().await;
    let wrong = [("authorization", "Bearer 0123456789abcdeF")];
    let before = std::time::Instant::now();
    for _ in 0..5 {
        assert_eq!(status(&instance, &wrong).await, 401);
    }
    assert_eq!(instance.send(Method::GET, "/?token=wrong", &[], "").await.status, 401);
    assert!(before.elapsed() >= Duration::from_millis(200), "{:?}", before.elapsed());
    let answer = instance.call_unix(Method::GET, "/status", "").await.json();
    assert_eq!((&answer["page"]["sign_ins_failed"], &answer["page"]["sessions"]), (&6.into(), &0.into()));
    // The right one is let in all the same, and a session is not slowed at all.
    assert_eq!(status(&instance, &[("authorization", &format!("Bearer {TOKEN}"))]).await, 200);
    let metrics =
        instance.send(Method::GET, "/metrics", &[("authorization", &format!("Bearer {TOKEN}"))], "").await;
    let metrics = String::from_utf8(metrics.body.to_vec()).unwrap();
    assert!(metrics.contains("\ndashcam_page_sign_ins_failed_total 6\n"), "{metrics}");
    // No cookie and an old one are no attempts to sign in.
    assert_eq!(status(&instance, &[("cookie", "dashcam_session_1=x")]).await, 401);
    let answer = instance.call_unix(Method::GET, "/status", "").await.json();
    assert_eq!(answer["page"]["sign_ins_failed"], 6);
    instance.stop().await;
}
