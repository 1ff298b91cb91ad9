//! The messages of an exchange.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::ExchangeId;
use dashcam_views::dto::{Message, Messages};
use serde::Deserialize;

use crate::api::{Limit, Path, Query};
use crate::app::App;
use crate::audit::Subject;
use crate::error::{ApiError, ErrorBody};
use crate::principal::Caller;
use crate::unsealing::Unseal;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Only messages with greater numbers.
    after: Option<u32>,
    /// How many: 1 to 1000, 100 by default; fewer where they are large.
    limit: Option<u32>,
    /// Bytes of each payload, at most: 0 to 65536, 65536 by default.
    preview: Option<u32>,
}

/// The most bytes of a payload that a list carries.
const LARGEST_PREVIEW: u32 = 64 << 10;

/// The messages of an exchange, oldest first, each with the beginning of its payload.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/messages",
    operation_id = "messages",
    params(("id" = i64, Path), Page, Unseal),
    responses((status = OK, body = Messages), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(page): Query<Page>,
    Query(asks): Query<Unseal>,
) -> Result<Json<Messages>, ApiError> {
    let limit = Limit::new(page.limit)?;
    let preview = page.preview.unwrap_or(LARGEST_PREVIEW);
    if preview > LARGEST_PREVIEW {
        let message = format!(
            "preview is {preview}; it can be at most {LARGEST_PREVIEW}. \
             /exchanges/{id}/messages/SEQ/payload has the whole of a message."
        );
        return Err(ApiError::bad_request(message));
    }
    let unsealer = asks.begin(&app, &caller, (Subject::Exchanges(vec![ExchangeId(id)]), "show"))?;
    let exchange = app.stored(id).await?;
    let mut page = app.store.reader().message_previews(exchange.id, page.after, limit.0, preview).await?;
    let last = page.messages.last().map(|last| last.message.seq);
    if let Some(unsealer) = unsealer.as_deref().and_then(|unsealer| unsealer.of(&exchange)) {
        for preview in &mut page.messages {
            preview.message.data = unsealer.text(std::mem::take(&mut preview.message.data)).await?;
        }
    }
    let messages = page.messages.into_iter().map(Message::from).collect();
    Ok(Json(Messages { messages, next_after: last.filter(|_| page.more) }))
}
