//! The certificate that clients are asked to trust.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::app::App;
use crate::error::{ApiError, ErrorBody};

/// The root certificate, as PEM.
#[utoipa::path(
    get,
    path = "/ca.pem",
    operation_id = "ca",
    responses(
        (status = OK, content_type = "application/x-pem-file", body = String),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn root(State(app): State<App>) -> Result<impl IntoResponse, ApiError> {
    if app.root_pem.is_empty() {
        return Err(ApiError::not_found(
            "There is no ca.pem in this dashcam's home: one that records makes it.",
        ));
    }
    let headers = [
        (header::CONTENT_TYPE, "application/x-pem-file"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"dashcam-ca.pem\""),
    ];
    Ok((headers, app.root_pem.clone()))
}
