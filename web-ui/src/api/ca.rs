//! The certificate that clients are asked to trust.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::app::App;

/// The root certificate, as PEM.
#[utoipa::path(
    get,
    path = "/ca.pem",
    operation_id = "ca",
    responses((status = OK, content_type = "application/x-pem-file", body = String))
)]
pub(super) async fn root(State(app): State<App>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/x-pem-file"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"dashcam-ca.pem\""),
    ];
    (headers, app.root_pem.clone())
}
