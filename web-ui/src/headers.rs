//! The fields that every answer of the page's listener carries: what a browser may do with it.

use std::sync::LazyLock;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::guard::SIGN_IN_POLICY;
use crate::paths::{BASE, METRICS};

/// For the page and its files: nothing inline, nothing from elsewhere.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                    connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// For what the API answers, recorded bodies among it: never a page in our name, whatever it holds.
const API: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

static SIGN_IN: LazyLock<HeaderValue> =
    LazyLock::new(|| HeaderValue::try_from(SIGN_IN_POLICY.as_str()).expect("base64 and fixed words"));

const FIELDS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
];

/// The page copies to the clipboard, and needs nothing else of a browser's devices.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), \
                           encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), \
                           magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), \
                           screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";

/// Adds them. What does not say itself how long it may be kept is not kept at all.
pub(crate) async fn harden(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_api = path.starts_with(BASE) || path == METRICS;
    let mut response = next.run(request).await;
    let policy = match response.status() {
        _ if is_api => HeaderValue::from_static(API),
        StatusCode::UNAUTHORIZED => SIGN_IN.clone(),
        _ => HeaderValue::from_static(PAGE),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in FIELDS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
