//! The settings and their history.

use hyper::Method;
use serde_json::{Value, json};

use crate::instance::Instance;

#[tokio::test]
async fn changes_are_in_force_and_in_the_history() {
    let instance = Instance::start().await;
    let first = instance.get("/settings").await.json();
    let changed =
        instance.call(Method::PATCH, "/settings", r#"{"level": "off", "why": "lunch"}"#).await.json();
    assert_eq!((&changed["level"], &changed["body_limit"]), (&json!("off"), &first["body_limit"]));
    assert_eq!(instance.get("/settings").await.json(), changed);
    let over_socket = instance.call_unix(Method::PATCH, "/settings", r#"{"body_limit": 5}"#).await;
    assert_eq!(
        over_socket.json(),
        json!({"level": "off", "body_limit": 5, "rules": [], "unread_connections": 0, "redaction": []})
    );
    let cookie = instance.sign_in().await;
    let fields = [("cookie", cookie.as_str()), ("content-type", "application/json")];
    instance.send(Method::PATCH, "/api/v1/settings", &fields, r#"{"level": "full"}"#).await;
    let history = instance.get("/settings/history").await.json();
    let changes = history["changes"].as_array().unwrap();
    let told: Vec<_> =
        changes.iter().map(|change| (&change["who"], &change["why"], &change["to"]["level"])).collect();
    let (page, cli, api) = (json!("page"), json!(user()), json!("api"));
    let (off, full, lunch) = (json!("off"), json!("full"), json!("lunch"));
    assert_eq!(told, [(&page, &Value::Null, &full), (&cli, &Value::Null, &off), (&api, &lunch, &off)]);
    let from = |change: &Value| (change["address"].clone(), change["session"].as_str().map(str::len));
    let address = json!("127.0.0.1");
    assert_eq!(
        [from(&changes[0]), from(&changes[1]), from(&changes[2])],
        [(address.clone(), Some(12)), (Value::Null, None), (address, None)]
    );
    let before =
        json!({"level": first["level"], "body_limit": first["body_limit"], "rules": [], "redaction": []});
    assert_eq!(changes[2]["from"], before);
    instance.stop().await;
}

/// The user that runs the tests, as the history names one of the control socket.
fn user() -> String {
    let uid = nix::unistd::Uid::current();
    match nix::unistd::User::from_uid(uid).unwrap() {
        Some(user) => format!("{} (uid {uid})", user.name),
        None => format!("uid {uid}"),
    }
}

#[tokio::test]
async fn senseless_changes_change_nothing() {
    let instance = Instance::start().await;
    let before = instance.get("/settings").await.json();
    for (body, error) in [
        (r#"{"body_limit": 9007199254740991}"#, (422, "invalid")),
        (r#"{"level": "loud"}"#, (422, "invalid")),
        (r#"{"colour": "red"}"#, (422, "invalid")),
        (r#"{"level": "#, (400, "bad_request")),
    ] {
        let answer = instance.call(Method::PATCH, "/settings", body).await;
        assert_eq!(answer.error(), (error.0, error.1.to_owned()), "{body}");
    }
    assert_eq!(instance.get("/settings").await.json(), before);
    assert_eq!(instance.get("/settings/history").await.json(), json!({"changes": []}));
    instance.stop().await;
}
