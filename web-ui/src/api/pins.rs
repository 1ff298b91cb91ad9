//! Pins: exchanges that the bounds of the recording leave alone.

use axum::extract::State;
use axum::http::StatusCode;
use dashcam_exchange::ExchangeId;
use tokio::time::Instant;

use crate::api::Path;
use crate::app::App;
use crate::error::{ApiError, ErrorBody};

/// Pins an exchange: the bounds of the recording leave it alone. One that is pinned stays so.
#[utoipa::path(
    put,
    path = "/exchanges/{id}/pin",
    operation_id = "pin_exchange",
    params(("id" = i64, Path)),
    responses((status = NO_CONTENT, description = "It is pinned."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn pin(State(app): State<App>, Path(id): Path<i64>) -> Result<StatusCode, ApiError> {
    let id = ExchangeId(id);
    let since = Instant::now();
    while !app.store.admin().pin(id, dashcam_recorder::now()).await? {
        app.wait_for_row(id, since).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves an exchange to the bounds of the recording again, pinned or not.
#[utoipa::path(
    delete,
    path = "/exchanges/{id}/pin",
    operation_id = "unpin_exchange",
    params(("id" = i64, Path)),
    responses((status = NO_CONTENT, description = "It is not pinned."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn unpin(State(app): State<App>, Path(id): Path<i64>) -> Result<StatusCode, ApiError> {
    if !app.store.admin().unpin(ExchangeId(id)).await? {
        // Those that are not stored yet are not pinned.
        app.exchange(id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
