//! Which page a browser is showing while it calls: ours, or none.
//!
//! Reads are refused as writes are: what another site's page makes a browser fetch here, with or without its cookie,
//! tells that page at least that dashcam is there, and costs us work.

use axum::extract::Request;
use axum::http::{HeaderMap, Method};

use crate::error::{ApiError, Code};

const MESSAGE: &str =
    "A page of another site made this call: calls from a browser come from dashcam's own page only.";

/// Refuses calls of other sites' pages. What is no browser says nothing of it and passes.
pub(super) fn check(request: &Request) -> Result<(), ApiError> {
    if is_own(request.headers()) || is_link(request) {
        return Ok(());
    }
    Err(ApiError::new(Code::CrossSite, MESSAGE))
}

/// Browsers of before 2023 send only `Origin`, and that not with every read.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| text(headers, name);
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => {
            text("host").is_some_and(|host| origin.split_once("://").map(|(_, of)| of) == Some(host))
        }
        (None, None) => true,
    }
}

/// Returns whether somebody followed a link to the page: it is opened in a tab, and the other site sees nothing of it.
fn is_link(request: &Request) -> bool {
    let is = |name, expected| text(request.headers(), name) == Some(expected);
    *request.method() == Method::GET
        && request.uri().path() == "/"
        && is("sec-fetch-mode", "navigate")
        && is("sec-fetch-dest", "document")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn check_call(method: &str, path: &str, fields: &[(&str, &str)], passes: bool) {
        let request = Request::builder().method(method).uri(path).header("host", "localhost:8081");
        let request = fields.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = request.body(Body::empty()).unwrap();
        assert_eq!(check(&request).is_ok(), passes, "{method} {path} {fields:?}");
    }

    #[test]
    fn only_our_own_page_and_no_page_at_all_may_call() {
        for (field, value, passes) in [
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "none", true),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "cross-site", false),
            ("sec-fetch-site", "\u{fc}", false),
            ("origin", "http://localhost:8081", true),
            ("origin", "http://127.0.0.1:1", false),
            ("origin", "null", false),
            ("accept", "*/*", true),
        ] {
            for (method, path) in
                [("GET", "/api/v1/live"), ("GET", "/"), ("DELETE", "/api/v1/exchanges"), ("GET", "/metrics")]
            {
                check_call(method, path, &[(field, value)], passes);
            }
        }
    }

    #[test]
    fn a_link_to_the_page_may_be_followed() {
        for (method, path, mode, dest, passes) in [
            ("GET", "/", "navigate", "document", true),
            ("GET", "/?token=x", "navigate", "document", true),
            ("GET", "/", "navigate", "iframe", false),
            ("GET", "/", "no-cors", "image", false),
            ("POST", "/", "navigate", "document", false),
            ("GET", "/api/v1/export.har", "navigate", "document", false),
        ] {
            let fields =
                [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
            check_call(method, path, &fields, passes);
        }
    }
}
