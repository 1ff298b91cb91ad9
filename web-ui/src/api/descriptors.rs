//! Descriptors of Protocol Buffers, with which bodies are read.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use dashcam_views::content::Descriptors;

use crate::app::App;
use crate::dto::DescriptorSet;
use crate::error::{ApiError, Code, ErrorBody};

/// The largest body of a call: a set.
pub(super) const LARGEST_CALL: usize = Descriptors::LARGEST;

/// The descriptor set that is kept: files, messages and methods by their names.
#[utoipa::path(
    get,
    path = "/descriptors",
    operation_id = "descriptors",
    responses((status = OK, body = DescriptorSet), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn current(State(app): State<App>) -> Json<DescriptorSet> {
    Json(match app.descriptors.current().await {
        Some((set, size)) => DescriptorSet::of(&set, size),
        None => DescriptorSet::of(&Descriptors::default(), 0),
    })
}

/// Keeps a `FileDescriptorSet`, in place of the one that is there: at most 4 MiB, as `protoc --descriptor_set_out` writes it.
#[utoipa::path(
    put,
    path = "/descriptors",
    operation_id = "keep_descriptors",
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = OK, body = DescriptorSet), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn keep(
    State(app): State<App>,
    bytes: Result<Bytes, BytesRejection>,
) -> Result<Json<DescriptorSet>, ApiError> {
    let bytes = bytes?;
    let set = Descriptors::read(&bytes).map_err(|error| ApiError::new(Code::Invalid, error.to_string()))?;
    app.descriptors.keep(bytes.to_vec()).await.map_err(|error| not_written(&error))?;
    Ok(Json(DescriptorSet::of(&set, bytes.len() as u64)))
}

/// Removes the descriptor set: bodies are read without types again.
#[utoipa::path(
    delete,
    path = "/descriptors",
    operation_id = "remove_descriptors",
    responses((status = NO_CONTENT, description = "It is gone."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn remove(State(app): State<App>) -> Result<StatusCode, ApiError> {
    if app.descriptors.remove().await.map_err(|error| not_written(&error))? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::not_found("There are no descriptors: PUT /api/v1/descriptors keeps some."))
}

fn not_written(error: &std::io::Error) -> ApiError {
    ApiError::new(Code::Unavailable, format!("dashcam's home can't be written: {error}."))
}
