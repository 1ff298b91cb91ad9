//! The recording, or one exchange, as a HAR file.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use dashcam_exchange::TextFilter;
use serde::Deserialize;

use crate::api::{Path, Query};
use crate::app::App;
use crate::error::{ApiError, ErrorBody};
use crate::har::Export;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Words, each of which must occur in method, URL, status or content type.
    filter: Option<String>,
}

/// HAR 1.2, oldest first, written while it is read.
#[utoipa::path(
    get,
    path = "/export.har",
    operation_id = "export_har",
    params(Wanted),
    responses(
        (status = OK, content_type = "application/json", body = serde_json::Value),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn har(State(app): State<App>, Query(wanted): Query<Wanted>) -> Response {
    let filter = TextFilter::new(wanted.filter.as_deref().unwrap_or_default());
    document(Export::new(app.har(), filter), "dashcam.har")
}

/// HAR 1.2 of one exchange, written while it is read.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/har",
    operation_id = "har",
    params(("id" = i64, Path)),
    responses(
        (status = OK, content_type = "application/json", body = serde_json::Value),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn har_of_one(State(app): State<App>, Path(id): Path<i64>) -> Result<Response, ApiError> {
    let exchange = app.exchange(id).await?;
    Ok(document(Export::of_one(app.har(), exchange), &format!("exchange-{id}.har")))
}

fn document(export: Export, name: &str) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).expect("a number and fixed words")),
    ];
    (headers, Body::from_stream(export.pieces())).into_response()
}
