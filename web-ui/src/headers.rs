//! The fields that every answer of the page's listener carries: what a browser may do with it.

use std::sync::LazyLock;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::assets::page_scripts;
use crate::guard::SIGN_IN_POLICY;
use crate::paths::{BASE, METRICS};

/// For the page and its files: nothing inline but the page's own scripts, by their hashes; nothing from elsewhere.
static PAGE: LazyLock<HeaderValue> = LazyLock::new(|| {
    let scripts = page_scripts();
    let policy = format!(
        "default-src 'none'; script-src 'self'{scripts}; worker-src 'self'; style-src 'self'; \
         img-src 'self' data:; media-src 'self'; frame-src 'self'; connect-src 'self'; font-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("base64 and fixed words")
});

/// For what the API answers, recorded bodies among it: never a page in our name, whatever it holds.
const API: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

/// For a recorded page in a frame of ours: its own styles and what is written into it, no script, no network.
const FRAMED_PAGE: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; \
                           base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

/// For a recorded document in a frame of ours: the browser's own viewer of PDF, which no sandbox lets in.
const FRAMED_DOCUMENT: &str = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; \
                               form-action 'none'; frame-ancestors 'self'";

/// Marks an answer that the page may frame, and nobody else.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Framed {
    /// HTML.
    Page,
    /// PDF: it has no scripts that see more than the document.
    Document,
}

impl Framed {
    const fn policy(self) -> &'static str {
        match self {
            Self::Page => FRAMED_PAGE,
            Self::Document => FRAMED_DOCUMENT,
        }
    }
}

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
    let framed = response.extensions().get::<Framed>().copied();
    let policy = match response.status() {
        _ if is_api => HeaderValue::from_static(framed.map_or(API, Framed::policy)),
        StatusCode::UNAUTHORIZED => SIGN_IN.clone(),
        _ => PAGE.clone(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in FIELDS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if framed.is_some() {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
        // No policy keeps a browser from looking up the names of links.
        headers.insert(header::X_DNS_PREFETCH_CONTROL, HeaderValue::from_static("off"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
