//! Tokens with a role: how they are made, used and revoked, and how they end.

use std::time::Duration;

use dashcam_exchange::Timestamp;
use dashcam_store::Token;
use dashcam_web_ui::PageLimits;
use http_body_util::BodyExt as _;
use hyper::Method;
use hyper::body::Incoming;
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::instance::{Instance, TOKEN};

async fn status(instance: &Instance, token: &str) -> u16 {
    instance.call_with(token, Method::GET, "/role", "").await.status.as_u16()
}

async fn of_cookie(instance: &Instance, cookie: &str, path: &str) -> (u16, Value) {
    let answer = instance.send(Method::GET, &format!("/api/v1{path}"), &[("cookie", cookie)], "").await;
    (answer.status.as_u16(), answer.json())
}

async fn make(instance: &Instance, request: Value) -> (u16, Value) {
    let answer = instance.call(Method::POST, "/tokens", &request.to_string()).await;
    (answer.status.as_u16(), answer.json())
}

/// Reads a stream until it breaks off, as it has to.
async fn broken_off(mut body: Incoming) {
    let broken = async { while body.frame().await.expect("it breaks off and does not end").is_ok() {} };
    tokio::time::timeout(Duration::from_secs(10), broken).await.expect("it breaks off in time");
}

/// A token in the store that ends at a time, as a run before would have left it.
fn stored(secret: &str, role: &str, expires_at: i64) -> Token {
    Token {
        name: secret.to_owned(),
        role: role.to_owned(),
        sha256: sha2::Sha256::digest(secret).into(),
        expires_at: Some(Timestamp(expires_at)),
        ..Token::default()
    }
}

#[tokio::test]
async fn only_the_digest_of_a_token_is_stored() {
    let instance = Instance::start().await;
    let request = json!({"role": "viewer", "name": "alice", "lasting_us": 3_600_000_000_u64});
    let (made, answer) = make(&instance, request).await;
    let secret = answer["secret"].as_str().unwrap();
    assert_eq!((made, secret.len()), (201, 72), "{answer}");
    assert!(secret.starts_with("dashcam_"), "{secret}");
    let token = &answer["token"];
    assert_eq!(
        (&token["name"], &token["role"], &token["state"]),
        (&json!("alice"), &json!("viewer"), &json!("valid"))
    );
    assert_eq!((&token["who"], &token["last_used_at"]), (&json!("api"), &json!(null)));
    let listed = instance.get("/tokens").await.json();
    assert_eq!(listed["tokens"], json!([token]));
    assert_eq!(status(&instance, secret).await, 200);
    let role = instance.call_with(secret, Method::GET, "/role", "").await.json();
    assert_eq!((&role["token"], &role["expires_at"]), (&json!("alice"), &token["expires_at"]));
    let secret = secret.to_owned();
    let home = instance.stop_keeping_home().await;
    for file in std::fs::read_dir(home.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        assert!(!bytes.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{}", path.display());
    }
    let instance = Instance::start_in(home, PageLimits::default()).await;
    assert_eq!(status(&instance, &secret).await, 200, "it is valid after a restart");
    instance.stop().await;
}

#[tokio::test]
async fn wrong_expired_and_revoked_tokens_let_nobody_in() {
    let instance = Instance::start().await;
    let (id, secret) = instance.token("operator").await;
    let home = instance.stop_keeping_home().await;
    let instance = Instance::start_without_audit(home, PageLimits::default()).await;
    let now = dashcam_recorder::now().0;
    for token in [
        stored("over", "viewer", now - 1),
        stored("soon", "viewer", now + 3_600_000_000),
        stored("odd", "king", now + 3_600_000_000),
    ] {
        instance.store.admin().put_token(token).await.unwrap();
    }
    let home = instance.stop_keeping_home().await;
    let instance = Instance::start_in(home, PageLimits::default()).await;
    assert_eq!(status(&instance, "soon").await, 200);
    for wrong in ["over", "odd", "none", &secret[..71], &secret.to_uppercase()] {
        assert_eq!(status(&instance, wrong).await, 401, "{wrong}");
    }
    let live = instance.open_with("/live", ("authorization", &format!("Bearer {secret}"))).await;
    let cookie = instance.sign_in_with(&secret).await;
    let of_session = instance.open_with("/live", ("cookie", &cookie)).await;
    let answer = instance.call(Method::DELETE, &format!("/tokens/{id}"), "").await;
    assert_eq!(answer.status, 204);
    broken_off(live.into_body()).await;
    broken_off(of_session.into_body()).await;
    assert_eq!(status(&instance, &secret).await, 401);
    assert_eq!(of_cookie(&instance, &cookie, "/role").await.0, 401, "its sessions end with it");
    let listed = instance.get("/tokens").await.json();
    let states: Vec<_> =
        listed["tokens"].as_array().unwrap().iter().map(|token| token["state"].clone()).collect();
    assert_eq!(states, ["valid", "valid", "expired", "revoked"]);
    assert_eq!(instance.call(Method::DELETE, "/tokens/99", "").await.error().0, 404);
    let home = instance.stop_keeping_home().await;
    let instance = Instance::start_in(home, PageLimits::default()).await;
    assert_eq!(status(&instance, &secret).await, 401, "nor after a restart");
    instance.stop().await;
}

#[tokio::test]
async fn what_goes_on_ends_when_the_token_expires() {
    let instance = Instance::start().await;
    let (_, answer) = make(&instance, json!({"role": "viewer", "lasting_us": 1_500_000})).await;
    let secret = answer["secret"].as_str().unwrap();
    let cookie = instance.sign_in_with(secret).await;
    let live = instance.open_with("/live", ("authorization", &format!("Bearer {secret}"))).await;
    let of_session = instance.open_with("/live", ("cookie", &cookie)).await;
    assert_eq!((live.status().as_u16(), of_session.status().as_u16()), (200, 200));
    broken_off(live.into_body()).await;
    broken_off(of_session.into_body()).await;
    assert_eq!((status(&instance, secret).await, of_cookie(&instance, &cookie, "/role").await.0), (401, 401));
    instance.stop().await;
}

#[tokio::test]
async fn a_session_has_the_role_of_its_token_also_after_a_restart() {
    let instance = Instance::start().await;
    let (_, secret) = instance.token("viewer").await;
    let cookie = instance.sign_in_with(&secret).await;
    let (found, role) = of_cookie(&instance, &cookie, "/role").await;
    assert_eq!((found, &role["role"], &role["via"]), (200, &json!("viewer"), &json!("page")));
    assert_eq!(of_cookie(&instance, &cookie, "/tokens").await.0, 403);
    let home = instance.stop_keeping_home().await;
    let instance = Instance::start_in(home, PageLimits::default()).await;
    // The cookie's name has the port in it.
    let name = instance.sign_in().await.split_once('=').unwrap().0.to_owned();
    let value = cookie.split_once('=').unwrap().1;
    let cookie = format!("{name}={value}");
    let (found, role) = of_cookie(&instance, &cookie, "/role").await;
    assert_eq!((found, &role["role"]), (200, &json!("viewer")));
    instance.stop().await;
}

#[tokio::test]
async fn who_is_no_admin_signs_out_own_sessions_only() {
    let instance = Instance::start().await;
    let (_, secret) = instance.token("viewer").await;
    let (own, other, home) = (
        instance.sign_in_with(&secret).await,
        instance.sign_in_with(&secret).await,
        instance.sign_in().await,
    );
    let path = "/api/v1/sign-out?everywhere=true";
    assert_eq!(instance.send(Method::POST, path, &[("cookie", &own)], "").await.status, 204);
    let mut statuses = Vec::new();
    for cookie in [&own, &other, &home] {
        statuses.push(of_cookie(&instance, cookie, "/role").await.0);
    }
    assert_eq!(statuses, [401, 401, 200]);
    assert_eq!(status(&instance, &secret).await, 200, "the token stays");
    instance.stop().await;
}

#[tokio::test]
async fn names_tell_tokens_apart() {
    let instance = Instance::start().await;
    let name = async |request: Value| {
        let (status, answer) = make(&instance, request).await;
        if status == 201 { answer["token"]["name"].clone() } else { json!(status) }
    };
    assert_eq!(name(json!({"role": "viewer"})).await, "viewer");
    assert_eq!(name(json!({"role": "viewer"})).await, "viewer-2");
    assert_eq!(name(json!({"role": "viewer", "name": " on call "})).await, "on call");
    assert_eq!(name(json!({"role": "admin", "name": "on call"})).await, 409);
    for wrong in ["", " ", "a\nb", "<b>", &"x".repeat(65)] {
        assert_eq!(name(json!({"role": "viewer", "name": wrong})).await, 422, "{wrong}");
    }
    assert_eq!(name(json!({"role": "king"})).await, 422);
    assert_eq!(name(json!({"role": "viewer", "lasting_us": 0})).await, 422);
    assert_eq!(name(json!({"role": "viewer", "lasting": "1h"})).await, 422);
    assert_eq!(status(&instance, TOKEN).await, 200);
    instance.stop().await;
}
