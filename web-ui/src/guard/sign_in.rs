//! How a browser gets the token, and what it sees without.

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};

use crate::api::{BASE, METRICS};
use crate::error::{ApiError, Code};

const MESSAGE: &str = "Send the token as \u{201c}Authorization: Bearer TOKEN\u{201d}; \
                       it is in the file \u{201c}token\u{201d} in dashcam's home.";

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>dashcam: no token</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  main { max-width: 34rem; margin: 20vh auto 0; padding: 0 1rem }
  h1 { font-size: 1.25rem }
</style>
<main>
  <h1>This page needs dashcam's token</h1>
  <p>Open the address that dashcam printed when it started, or run <code>dashcam status</code>, which prints it again:
  it ends in <code>/?token=…</code>. This browser keeps the token then.</p>
</main>
</html>
"#;

/// Gives the browser the token to keep, and sends it to the page without the token in the address.
pub(super) fn redirect(token: &str) -> Response {
    let cookie = format!("{}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000", super::COOKIE);
    let Ok(cookie) = HeaderValue::try_from(cookie) else {
        return ApiError::new(Code::Internal, "The token has characters that no cookie can hold.")
            .into_response();
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::SET_COOKIE, cookie);
    headers.insert(header::LOCATION, HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Programs get an error, browsers a page that says what to do.
pub(super) fn refusal(uri: &Uri) -> Response {
    let mut response = if uri.path().starts_with(BASE) || uri.path() == METRICS {
        ApiError::new(Code::Unauthorized, MESSAGE).into_response()
    } else {
        (StatusCode::UNAUTHORIZED, Html(PAGE)).into_response()
    };
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
