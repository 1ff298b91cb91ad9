//! The page: the built front end, compiled in.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{LazyLock, Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::{Embed, EmbeddedFile};
use sha2::{Digest as _, Sha256};

use crate::error::{ApiError, Code};

#[derive(Embed)]
#[folder = "frontend/dist"]
struct Dist;

/// Files compressed, by their tag, when they are asked for first.
static COMPRESSED: LazyLock<Mutex<HashMap<String, Bytes>>> = LazyLock::new(Mutex::default);

/// A file of the front end; the page itself for every path that is no file's, so that its own routes can be opened.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        let message = format!("There is no {}: see docs/API.md.", uri.path());
        return ApiError::not_found(message).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return ApiError::new(Code::MethodNotAllowed, "The page can only be read.").into_response();
    }
    let names_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let path = if names_file { path } else { "index.html" };
    match Dist::get(path) {
        Some(file) => answer(path, file, &headers),
        None => ApiError::not_found(format!("The page has no file {path}.")).into_response(),
    }
}

/// Sources of a policy, a space before each: the hashes of the scripts that stand in the page itself.
pub(crate) fn page_scripts() -> String {
    let page = Dist::get("index.html").map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let scripts = page.as_deref().unwrap_or_default().split("<script>").skip(1);
    let texts = scripts.filter_map(|rest| rest.split_once("</script>")).map(|(script, _)| script);
    texts.map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script)))).collect()
}

fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let media_type = media_type(path);
    let is_compressed = compresses(media_type) && takes_gzip(headers);
    let tag = tag(&file, is_compressed);
    // Vite names files in assets/ by their content.
    let keep = if path.starts_with("assets/") { "private, max-age=31536000, immutable" } else { "no-cache" };
    let fields = [
        (header::CACHE_CONTROL, keep.to_owned()),
        (header::ETAG, tag.clone()),
        (header::VARY, "Accept-Encoding".to_owned()),
    ];
    if is_known(headers, &tag) {
        return (StatusCode::NOT_MODIFIED, fields).into_response();
    }
    let media_type = [(header::CONTENT_TYPE, media_type)];
    match is_compressed.then(|| compressed(tag, &file.data)).flatten() {
        Some(data) => (fields, media_type, [(header::CONTENT_ENCODING, "gzip")], data).into_response(),
        None => (fields, media_type, file.data).into_response(),
    }
}

/// Returns whether files of `media_type` are smaller compressed.
fn compresses(media_type: &str) -> bool {
    media_type.starts_with("text/") || media_type.ends_with("json") || media_type.ends_with("xml")
}

/// Returns whether `Accept-Encoding` (RFC 9110, section 12.5.3) names gzip and does not refuse it.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let fields = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|field| field.to_str().ok());
    fields.flat_map(|field| field.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// Returns whether `If-None-Match` (RFC 9110, section 13.1.2) names the file of `tag`.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let fields = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|field| field.to_str().ok());
    fields.flat_map(|field| field.split(',')).map(str::trim).any(|known| {
        // Files of one tag are the same, whether or not it is said to be a weak one.
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

/// A file compressed; `None` if that failed.
fn compressed(tag: String, data: &[u8]) -> Option<Bytes> {
    let all = || COMPRESSED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all().get(&tag) {
        return Some(known.clone());
    }
    // Nobody waits for it. Of two who compress the same at once, the later one's stays.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).ok()?;
    let data = Bytes::from(encoder.finish().ok()?);
    all().insert(tag, data.clone());
    Some(data)
}

fn tag(file: &EmbeddedFile, is_compressed: bool) -> String {
    let hash = file.metadata.sha256_hash();
    let hex: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    if is_compressed { format!("\"{hex}-gzip\"") } else { format!("\"{hex}\"") }
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings() {
        let check = |field: &str, expect: bool| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, field.parse().unwrap())]);
            assert_eq!(takes_gzip(&headers), expect, "{field}");
        };
        check("gzip, deflate, br", true);
        check("br;q=1.0, GZIP;q=0.8", true);
        check("gzip;q=0, br", false);
        check("identity", false);
        check("", false);
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn tags() {
        let check = |field: &str, expect: bool| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, field.parse().unwrap())]);
            assert_eq!(is_known(&headers, "\"ab-gzip\""), expect, "{field}");
        };
        check("\"ab-gzip\"", true);
        check("W/\"ab-gzip\"", true);
        check("\"cd\", W/\"ab-gzip\"", true);
        check("*", true);
        check("\"ab\"", false);
        check("", false);
        assert!(!is_known(&HeaderMap::new(), "\"ab-gzip\""));
    }
}
