//! A message's payload as stored, piece by piece.

use axum::extract::State;
use axum::response::Response;
use dashcam_exchange::ExchangeId;
use dashcam_views::payload::Parts;

use crate::api::{Path, Query, bodies};
use crate::app::App;
use crate::audit::Subject;
use crate::error::{ApiError, ErrorBody};
use crate::principal::Caller;
use crate::unsealing::Unseal;

/// The stored bytes of a message's payload.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/messages/{seq}/payload",
    operation_id = "payload",
    params(("id" = i64, Path), ("seq" = u32, Path), Unseal),
    responses(
        (status = OK, content_type = "application/octet-stream", body = String),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn payload(
    State(app): State<App>,
    caller: Caller,
    Path((id, seq)): Path<(i64, u32)>,
    Query(asks): Query<Unseal>,
) -> Result<Response, ApiError> {
    let unsealer = asks.begin(&app, &caller, (Subject::Exchanges(vec![ExchangeId(id)]), "show"))?;
    let exchange = app.stored(id).await?;
    let Some(message) = app.store.reader().message(exchange.id, seq, 0).await? else {
        return Err(ApiError::no_message(id, seq));
    };
    let name = format!("attachment; filename=\"exchange-{id}-message-{seq}\"");
    let parts = Parts::of_message(app.store.reader(), exchange.id, seq)
        .unsealed(unsealer.as_deref().and_then(|unsealer| unsealer.of(&exchange)));
    let length = unsealer.is_none().then_some(message.stored);
    Ok(bodies::attachment((parts, unsealer), &name, length))
}
