//! The recording as a HAR file.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use dashcam_exchange::TextFilter;
use futures_util::stream;
use serde::Deserialize;

use crate::api::Query;
use crate::app::App;
use crate::error::{ApiError, ErrorBody};
use crate::har::Export;
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
) -> Result<impl IntoResponse, ApiError> {
    let place = bounds.exports.take()?;
    let filter = TextFilter::new(wanted.filter.as_deref().unwrap_or_default());
    let export = Export::new(app.store.clone(), filter, app.version);
    let chunks = stream::try_unfold((export, place), |(mut export, place)| async move {
        let chunk = export.next().await?;
        Ok::<_, dashcam_store::StoreError>(chunk.map(|chunk| (chunk, (export, place))))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"dashcam.har\""),
    ];
    Ok((headers, Body::from_stream(chunks)))
}
