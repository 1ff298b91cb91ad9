//! The role that each route needs, in one table. A route that is not in it needs `admin`; a test walks all routes and
//! fails for one that is missing.

use axum::http::Method;

use crate::audit::Part;
use crate::paths::{BASE, METRICS, ROTATE, SIGN_OUT};
use crate::role::Role;

/// Methods and paths below [`BASE`], by the role that they need.
const TABLE: [(Role, &[(&str, &str)]); 4] = [
    (
        Role::ViewerWithoutBodies,
        &[
            ("GET", "/status"),
            ("GET", METRICS),
            ("GET", "/role"),
            ("POST", SIGN_OUT),
            ("GET", "/openapi.json"),
            ("GET", "/ca.pem"),
            ("GET", "/exchanges"),
            ("GET", "/exchanges/{id}"),
            ("GET", "/exchanges/count"),
            ("GET", "/exchanges/facets"),
            ("GET", "/exchanges/histogram"),
            ("GET", "/exchanges/stats"),
            ("GET", "/exchanges/tree"),
            ("GET", "/exchanges/selection"),
            ("GET", "/connections"),
            ("GET", "/connections/{id}"),
            ("GET", "/certificates/{file}"),
            ("GET", "/rejected"),
            ("GET", "/filters/complete"),
            ("GET", "/filters/explain"),
            ("GET", "/filters/language"),
            ("GET", "/presets"),
            ("GET", "/descriptors"),
            ("GET", "/live"),
            ("GET", "/settings"),
            ("GET", "/settings/history"),
            ("GET", "/rules"),
            ("GET", "/redaction"),
            ("GET", "/leases"),
            ("GET", "/snapshots"),
            ("GET", "/snapshots/{name}"),
            ("GET", "/boundaries"),
            ("GET", "/gaps"),
            ("GET", "/gaps/by-hour"),
            ("GET", "/gaps/since"),
        ],
    ),
    (
        Role::Viewer,
        &[
            ("GET", "/exchanges/graphql"),
            ("GET", "/exchanges/{id}/{direction}/body"),
            ("GET", "/exchanges/{id}/{direction}/preview"),
            ("GET", "/exchanges/{id}/{direction}/text"),
            ("GET", "/exchanges/{id}/{direction}/views"),
            ("GET", "/exchanges/{id}/{direction}/view"),
            ("GET", "/exchanges/{id}/{direction}/messages"),
            ("GET", "/exchanges/{id}/{direction}/messages/{offset}/payload"),
            ("GET", "/exchanges/{id}/{direction}/messages/{offset}/views"),
            ("GET", "/exchanges/{id}/{direction}/messages/{offset}/view"),
            ("GET", "/exchanges/{id}/messages"),
            ("GET", "/exchanges/{id}/messages/{seq}/payload"),
            ("GET", "/exchanges/{id}/messages/{seq}/views"),
            ("GET", "/exchanges/{id}/messages/{seq}/view"),
            ("GET", "/exchanges/{id}/curl"),
            ("GET", "/exchanges/{id}/snippet"),
            ("GET", "/exchanges/{id}/export"),
            ("GET", "/exchanges/{id}/har"),
            ("GET", "/export"),
            ("GET", "/export.har"),
            // Rules may look into bodies: the answer says what they find.
            ("POST", "/rules/test"),
        ],
    ),
    (
        Role::Operator,
        &[
            ("GET", "/seals"),
            ("POST", "/exchanges"),
            ("DELETE", "/exchanges"),
            ("POST", "/exchanges/delete"),
            ("DELETE", "/exchanges/{id}"),
            ("POST", "/exchanges/{id}/replay"),
            ("PATCH", "/exchanges/{id}/note"),
            ("PUT", "/exchanges/{id}/pin"),
            ("DELETE", "/exchanges/{id}/pin"),
            ("PUT", "/exchanges/selection/pin"),
            ("DELETE", "/exchanges/selection/pin"),
            ("PUT", "/presets/{name}"),
            ("DELETE", "/presets/{name}"),
            ("PUT", "/descriptors"),
            ("DELETE", "/descriptors"),
            ("POST", "/connections/unread/close"),
            ("DELETE", "/rejected"),
            ("DELETE", "/rejected/{id}"),
            ("PATCH", "/settings"),
            ("PUT", "/rules"),
            ("POST", "/rules"),
            ("DELETE", "/rules/{name}"),
            ("POST", "/leases"),
            ("PATCH", "/leases/{id}"),
            ("DELETE", "/leases/{id}"),
            ("POST", "/snapshots"),
            ("DELETE", "/snapshots/{name}"),
            ("POST", "/snapshots/{name}/save"),
        ],
    ),
    (
        Role::Admin,
        &[
            ("GET", "/tokens"),
            ("POST", "/tokens"),
            ("DELETE", "/tokens/{id}"),
            ("POST", ROTATE),
            ("GET", "/audit"),
            ("POST", "/audit/unseals"),
            ("POST", "/redactions"),
            ("POST", "/redactions/scrub"),
            ("POST", "/exchanges/{id}/redact"),
            ("POST", "/seals/delete"),
        ],
    ),
];

/// The role that a route needs, if the table has it.
pub(crate) fn listed(method: &Method, path: &str) -> Option<Role> {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    let path = path.strip_prefix(BASE).unwrap_or(path);
    let found = TABLE.iter().find(|(_, routes)| routes.contains(&(method, path)));
    found.map(|(role, _)| *role)
}

/// The role that a route needs.
pub(crate) fn needed(method: &Method, path: &str) -> Role {
    listed(method, path).unwrap_or(Role::Admin)
}

/// The part of an exchange that a route reads, for the audit log.
pub(crate) fn part(method: &Method, path: &str) -> Option<Part> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    match path.strip_prefix(BASE)?.strip_prefix("/exchanges/{id}")? {
        "" => Some(Part::Detail),
        "/{direction}/body"
        | "/{direction}/preview"
        | "/{direction}/text"
        | "/{direction}/views"
        | "/{direction}/view" => Some(Part::Body),
        "/messages"
        | "/messages/{seq}/payload"
        | "/messages/{seq}/views"
        | "/messages/{seq}/view"
        | "/{direction}/messages"
        | "/{direction}/messages/{offset}/payload"
        | "/{direction}/messages/{offset}/views"
        | "/{direction}/messages/{offset}/view" => Some(Part::Messages),
        "/curl" => Some(Part::Curl),
        "/snippet" => Some(Part::Snippet),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Methods and paths of all routes.
    fn routes() -> Vec<(Method, String)> {
        let document: Value = serde_json::from_str(&crate::openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap();
        let routes = paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys().map(|name| name.to_uppercase());
            methods.map(move |method| (method.parse().unwrap(), path.clone()))
        });
        routes.collect()
    }

    #[test]
    fn every_route_has_its_role() {
        let routes = routes();
        assert!(routes.len() > 60, "{routes:?}");
        for (method, path) in &routes {
            assert!(listed(method, path).is_some(), "{method} {path} is not in the table of permissions");
        }
        let count: usize = TABLE.iter().map(|(_, routes)| routes.len()).sum();
        assert_eq!(count, routes.len(), "the table has a route that there is not, or one twice");
    }

    #[test]
    fn changes_need_an_operator_at_least() {
        for (method, path) in routes() {
            let changes = method != Method::GET && !path.ends_with("/sign-out") && !path.ends_with("/test");
            assert!(!changes || needed(&method, &path) >= Role::Operator, "{method} {path}");
        }
        assert_eq!(needed(&Method::PUT, "/api/v1/status"), Role::Admin, "what is not known is nobody's");
        assert_eq!(needed(&Method::HEAD, "/api/v1/status"), Role::ViewerWithoutBodies);
    }

    #[test]
    fn contents_of_an_exchange_need_a_viewer_and_are_noted() {
        for (method, path) in routes() {
            let noted = part(&method, &path);
            let is_read = method == Method::GET && path.starts_with("/api/v1/exchanges/{id}");
            let is_export = path.ends_with("/har") || path.ends_with("/export");
            assert_eq!(noted.is_some(), is_read && !is_export, "{method} {path}");
            if noted.is_some_and(|part| part != Part::Detail) {
                assert_eq!(needed(&method, &path), Role::Viewer, "{method} {path}");
            }
        }
    }
}
