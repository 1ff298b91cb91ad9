//! How a browser gets a session, and what it sees without.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::error::{ApiError, Code};
use crate::paths::{BASE, METRICS};

const MESSAGE: &str = "Send the token as \u{201c}Authorization: Bearer TOKEN\u{201d}; \
                       it is in the file \u{201c}token\u{201d} in dashcam's home. A browser signs in at the address \
                       that `dashcam status --token` prints. A token with a role may have expired or been revoked: \
                       `dashcam token ls` says so.";

const STYLE: &str = "
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  main { max-width: 36rem; margin: 20vh auto 0; padding: 0 1rem }
  h1 { font-size: 1.25rem }
";

static PAGE: LazyLock<String> = LazyLock::new(|| {
    format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>dashcam: signed out</title>
<style>{STYLE}</style>
<main>
  <h1>Sign in to dashcam</h1>
  <p>This browser has no session, or its session has ended. On the machine that dashcam runs on, run
  <code>dashcam status --token</code> and open the address that it prints. It ends in <code>/?token=…</code>.</p>
  <p>For a dashcam that only shows a recording (<code>--read-only</code>), open the address that it printed when it
  started, or add <code>/?token=</code> and the content of the file <code>token</code> in its home to this address.</p>
</main>
</html>
"#
    )
});

/// The policy for the page above: show it in its style.
pub(crate) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// Gives the browser the `cookie` to keep, and sends it to the page without the token in the address.
pub(super) fn redirect(cookie: &str) -> Response {
    let mut headers = HeaderMap::new();
    for cookie in [cookie, FORGET_TOKEN] {
        let value = HeaderValue::try_from(cookie).expect("a cookie of hex digits and fixed words");
        headers.append(header::SET_COOKIE, value);
    }
    headers.insert(header::LOCATION, HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// Earlier versions kept the token itself in this cookie.
const FORGET_TOKEN: &str = "dashcam_token=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0";

/// Programs get an error, browsers a page that says what to do.
pub(super) fn refusal(uri: &Uri) -> Response {
    let mut response = if uri.path().starts_with(BASE) || uri.path() == METRICS {
        ApiError::new(Code::Unauthorized, MESSAGE).into_response()
    } else {
        (StatusCode::UNAUTHORIZED, Html(PAGE.as_str())).into_response()
    };
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
