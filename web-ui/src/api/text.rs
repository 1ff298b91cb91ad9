//! A body for reading.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::ExchangeId;
use dashcam_views::content;
use dashcam_views::dto::{Direction, Text};
use serde::Deserialize;

use crate::api::{Path, Query};
use crate::app::App;
use crate::audit::Subject;
use crate::error::{ApiError, ErrorBody};
use crate::principal::Caller;
use crate::unsealing::Unseal;

const DEFAULT: u32 = 1 << 20;
const LARGEST: u32 = 4 << 20;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Cap {
    /// At most so many bytes after decoding: 1 MiB by default, at most 4 MiB.
    limit: Option<u32>,
}

/// A body for reading: content codings undone, charset decoded.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/{direction}/text",
    operation_id = "text",
    params(("id" = i64, Path), ("direction" = Direction, Path), Cap, Unseal),
    responses((status = OK, body = Text), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn text(
    State(app): State<App>,
    caller: Caller,
    Path((id, direction)): Path<(i64, Direction)>,
    Query(cap): Query<Cap>,
    Query(asks): Query<Unseal>,
) -> Result<Json<Text>, ApiError> {
    let limit = cap.limit.unwrap_or(DEFAULT);
    if limit > LARGEST {
        let message = format!("limit is {limit}; it can be at most {LARGEST}. …/body has the whole.");
        return Err(ApiError::bad_request(message));
    }
    let unsealer = asks.begin(&app, &caller, (Subject::Exchanges(vec![ExchangeId(id)]), "show"))?;
    let exchange = app.exchange(id).await?;
    let parts = app
        .body(&exchange, direction.into())
        .await?
        .unsealed(unsealer.as_deref().and_then(|unsealer| unsealer.of(&exchange)));
    let body = content::body(&parts, &app.decoders, (&exchange, direction.into()), u64::from(limit));
    Ok(Json(Text::from(body.await?)))
}
