//! A message's payload as stored, piece by piece.

use axum::extract::State;
use axum::response::Response;
use dashcam_views::payload::Parts;

use crate::api::{Path, bodies};
use crate::app::App;
use crate::error::{ApiError, ErrorBody};

/// The stored bytes of a message's payload.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/messages/{seq}/payload",
    operation_id = "payload",
    params(("id" = i64, Path), ("seq" = u32, Path)),
    responses(
        (status = OK, content_type = "application/octet-stream", body = String),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn payload(
    State(app): State<App>,
    Path((id, seq)): Path<(i64, u32)>,
) -> Result<Response, ApiError> {
    let exchange = app.stored(id).await?.id;
    let Some(message) = app.store.reader().message(exchange, seq, 0).await? else {
        let hint =
            format!("`dashcam show {id}` or GET /api/v1/exchanges/{id}/messages lists those that are there.");
        return Err(ApiError::not_found(format!("Exchange {id} has no message {seq}. {hint}")));
    };
    let name = format!("attachment; filename=\"exchange-{id}-message-{seq}\"");
    let parts = Parts::of_message(app.store.reader(), exchange, seq);
    Ok(bodies::attachment(parts, &name, Some(message.stored)))
}
