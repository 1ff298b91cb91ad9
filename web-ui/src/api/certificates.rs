//! Certificates that were shown in TLS handshakes.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::Fingerprint;

use crate::api::Path;
use crate::app::App;
use crate::error::{ApiError, ErrorBody};

/// Characters of a line of PEM (RFC 7468 §2).
const LINE: usize = 64;

/// A certificate, as PEM. `file` is its SHA-256 in hex digits and `.pem`.
#[utoipa::path(
    get,
    path = "/certificates/{file}",
    operation_id = "certificate",
    params(("file" = String, Path)),
    responses(
        (status = OK, content_type = "application/x-pem-file", body = String),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn one(
    State(app): State<App>,
    Path(file): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let missing = || ApiError::not_found(format!("There is no certificate {file}: name it SHA256.pem."));
    let sha256 = file.strip_suffix(".pem").and_then(Fingerprint::parse).ok_or_else(missing)?;
    let der = app.store.reader().certificate(sha256).await?.ok_or_else(missing)?;
    let disposition = format!("attachment; filename=\"{sha256}.pem\"");
    let headers = [
        (header::CONTENT_TYPE, "application/x-pem-file".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, pem(&der)))
}

fn pem(der: &[u8]) -> String {
    let mut rest = STANDARD.encode(der);
    let mut text = "-----BEGIN CERTIFICATE-----\n".to_owned();
    while !rest.is_empty() {
        let next = rest.split_off(rest.len().min(LINE));
        text.push_str(&rest);
        text.push('\n');
        rest = next;
    }
    text.push_str("-----END CERTIFICATE-----\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_64_characters() {
        let text = pem(&[0; 50]);
        let lines: Vec<_> = text.lines().map(str::len).collect();
        assert_eq!(lines, [27, 64, 4, 25]);
    }
}
