//! Roles: each against each route, and what the lowest does not see.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use dashcam_exchange::{Direction, MessageKind};
use hyper::Method;
use serde_json::Value;

use crate::instance::{Instance, exchange};
use crate::live::{Events, begin};

const ROLES: [&str; 4] = ["viewer-without-bodies", "viewer", "operator", "admin"];

/// Methods, paths as they are documented, and paths that can be called: of things that there are not.
fn routes() -> Vec<(Method, String, String)> {
    let document: Value = serde_json::from_str(&dashcam_web_ui::openapi()).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let called = [
            ("{id}", "999999"),
            ("{direction}", "request"),
            ("{seq}", "0"),
            ("{name}", "none"),
            ("{file}", "none"),
        ];
        let called = called.iter().fold(path.clone(), |path, (name, value)| path.replace(name, value));
        for method in methods.as_object().unwrap().keys() {
            routes.push((method.to_uppercase().parse().unwrap(), path.clone(), called.clone()));
        }
    }
    routes
}

async fn is_refused(instance: &Instance, token: &str, (method, path): (&Method, &str)) -> bool {
    if path.ends_with("/live") {
        let answer = instance.open_with("/live", ("authorization", &format!("Bearer {token}"))).await;
        return answer.status() == 403;
    }
    let bearer = format!("Bearer {token}");
    let fields = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let answer = instance.send(method.clone(), path, &fields, "{}").await;
    if answer.status != 403 || answer.error().1 == "owner_only" {
        return false;
    }
    assert_eq!(answer.error().1, "role_needed", "{method} {path}");
    true
}

/// `permissions.txt` says which role each route needs, as its callers find it. Look at each line of it that changes.
#[tokio::test]
async fn each_route_needs_the_role_that_is_kept() {
    let instance = Instance::start().await;
    let mut tokens = Vec::new();
    for role in ROLES {
        tokens.push((role, instance.token(role).await.1));
    }
    let mut found = String::new();
    for (method, path, called) in routes() {
        let mut needed = None;
        for (role, token) in &tokens {
            let is_refused = is_refused(&instance, token, (&method, &called)).await;
            assert!(needed.is_none() || !is_refused, "{role} may not {method} {path}, and a lower one may");
            needed = needed.or((!is_refused).then_some(*role));
        }
        writeln!(found, "{method} {path} {}", needed.unwrap()).unwrap();
    }
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/permissions.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&kept, &found).unwrap();
    }
    let kept = fs::read_to_string(&kept).unwrap_or_default();
    assert!(
        kept == found,
        "if the change is meant, keep this in web-ui/tests/permissions.txt (UPDATE=1):\n{found}"
    );
    instance.stop().await;
}

#[tokio::test]
async fn a_refusal_names_the_role_that_is_needed() {
    let instance = Instance::start().await;
    let (_, token) = instance.token("viewer").await;
    let answer = instance.call_with(&token, Method::DELETE, "/exchanges/1", "").await;
    assert_eq!(answer.error(), (403, "role_needed".to_owned()));
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("This needs the role operator, and you have the role viewer."), "{message}");
    let role = instance.call_with(&token, Method::GET, "/role", "").await.json();
    assert_eq!(
        (&role["role"], &role["via"], &role["token"]),
        (&"viewer".into(), &"api".into(), &"viewer".into())
    );
    for (caller, via) in
        [(instance.get("/role").await, "api"), (instance.call_unix(Method::GET, "/role", "").await, "cli")]
    {
        let role = caller.json();
        assert_eq!(
            (&role["role"], &role["via"], &role["token"]),
            (&"admin".into(), &via.into(), &Value::Null)
        );
    }
    instance.stop().await;
}

#[tokio::test]
async fn without_bodies_no_filter_looks_into_them() {
    let instance = Instance::start().await;
    instance.record([exchange(1, "a", "/1", &[], b"a secret word")]).await;
    let (_, token) = instance.token("viewer-without-bodies").await;
    let preset = r#"{"filter": "body:secret"}"#;
    assert_eq!(instance.call(Method::PUT, "/presets/inside", preset).await.status, 204);
    for route in
        ["/exchanges", "/exchanges/count", "/exchanges/stats", "/exchanges/facets", "/exchanges/selection"]
    {
        for filter in ["body:secret", "host:a%20-req.body:x", "preset:inside", "ws:secret", "~bs%20secret"] {
            for name in ["filter", "f%69lter"] {
                let path = format!("{route}?{name}={filter}");
                let answer = instance.call_with(&token, Method::GET, &path, "").await;
                assert_eq!(answer.error(), (403, "role_needed".to_owned()), "{path}");
            }
        }
        let path = format!("{route}?filter=host:a%20secret&filter=body:secret");
        assert_ne!(instance.call_with(&token, Method::GET, &path, "").await.status, 200, "{path}");
        let path = format!("{route}?filter=host:a");
        assert_eq!(instance.call_with(&token, Method::GET, &path, "").await.status, 200, "{path}");
    }
    let bearer = format!("Bearer {token}");
    let live = instance.open_with("/live?filter=body:secret", ("authorization", &bearer)).await;
    assert_eq!(live.status(), 403);
    let fault = instance.call_with(&token, Method::GET, "/exchanges?filter=staus:5", "").await;
    assert_eq!(fault.error(), (400, "bad_filter".to_owned()));
    instance.stop().await;
}

#[tokio::test]
async fn without_bodies_the_live_feed_has_no_messages() {
    let instance = Instance::start().await;
    for (role, sees_messages) in [("viewer-without-bodies", false), ("viewer", true)] {
        let (_, token) = instance.token(role).await;
        let mut events = Events::open_with(&instance, &token).await;
        let open = begin(&instance, "a");
        let messages = open.messages();
        messages.message(Direction::Request, MessageKind::Text, 0, messages.buffer());
        drop((messages, open));
        let mut names = Vec::new();
        while names.last().is_none_or(|name| name != "finished") {
            names.push(events.next().await.unwrap().0);
        }
        assert_eq!(names.contains(&"message".to_owned()), sees_messages, "{role}: {names:?}");
    }
    instance.stop().await;
}
