//! The recording, or one exchange, as a HAR file.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use dashcam_exchange::TextFilter;
use dashcam_views::export::{Export, FORMATS};
use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;

use crate::api::{Path, Query};
use crate::app::App;
use crate::error::{ApiError, ErrorBody};
use crate::page::bounds::Bounds;

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
pub(super) async fn har(
    State(app): State<App>,
    Extension(bounds): Extension<Arc<Bounds>>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let place = bounds.exports.take()?;
    let filter = TextFilter::new(wanted.filter.as_deref().unwrap_or_default());
    Ok(document(Export::new(&FORMATS[0], app.export_source(), filter), "dashcam.har", place))
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
pub(super) async fn har_of_one(
    State(app): State<App>,
    Extension(bounds): Extension<Arc<Bounds>>,
    Path(id): Path<i64>,
) -> Result<Response, ApiError> {
    let place = bounds.exports.take()?;
    let exchange = app.exchange(id).await?;
    Ok(document(
        Export::of_one(&FORMATS[0], app.export_source(), exchange),
        &format!("exchange-{id}.har"),
        place,
    ))
}

/// The document, which keeps its place among the exports to its end.
fn document(export: Export, name: &str, place: OwnedSemaphorePermit) -> Response {
    let pieces = export.pieces().inspect(move |_| {
        let _held = &place;
    });
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).expect("a number and fixed words")),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}
