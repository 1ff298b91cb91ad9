//! The documentation of the filter language, for the page.

use axum::http::header;
use axum::response::IntoResponse;

use crate::error::ErrorBody;

/// Compiled in, so that it is about the language that this dashcam reads.
const DOCUMENT: &str = include_str!("../../../docs/FILTERS.md");

/// The documentation of the filter language, as Markdown.
#[utoipa::path(
    get,
    path = "/filters/language",
    operation_id = "filter_language",
    responses(
        (status = OK, content_type = "text/markdown", body = String),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn document() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], DOCUMENT)
}
