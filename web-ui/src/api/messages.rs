//! The messages of an exchange.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use crate::api::{Limit, Path, Query};
use crate::app::App;
use crate::dto::{Message, Messages};
use crate::error::{ApiError, ErrorBody};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Only messages with greater numbers.
    after: Option<u32>,
    /// How many: 1 to 1000, 100 by default.
    limit: Option<u32>,
}

/// The messages of an exchange, oldest first.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/messages",
    operation_id = "messages",
    params(("id" = i64, Path), Page),
    responses((status = OK, body = Messages), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    State(app): State<App>,
    Path(id): Path<i64>,
    Query(page): Query<Page>,
) -> Result<Json<Messages>, ApiError> {
    let limit = Limit::new(page.limit)?;
    let exchange = app.exchange(id).await?;
    let mut messages = app.store.messages(exchange.id, page.after, limit.probe()).await?;
    let next_after = limit.cut(&mut messages, |message| message.seq);
    Ok(Json(Messages { messages: messages.into_iter().map(Message::from).collect(), next_after }))
}
