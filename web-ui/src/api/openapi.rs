//! The API described for machines.

use axum::http::header;
use axum::response::IntoResponse;
use utoipa::OpenApi;

use crate::dto::{Left, LiveMessage, Missed, Skipped};

#[derive(OpenApi)]
#[openapi(
    info(title = "dashcam", description = "The recording HTTP(S) proxy's own API; docs/API.md tells more."),
    components(schemas(Left, LiveMessage, Missed, Skipped))
)]
struct Document;

/// The document before the routes are added.
pub(super) fn head() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "openapi",
    responses((status = OK, content_type = "application/json", body = serde_json::Value))
)]
pub(super) async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], super::openapi())
}
