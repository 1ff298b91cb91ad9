//! Pins: exchanges that the bounds of the recording leave alone.

use axum::extract::State;
use axum::http::StatusCode;
use dashcam_exchange::ExchangeId;
use tokio::time::{Duration, Instant, sleep};

use crate::api::Path;
use crate::app::App;
use crate::error::{ApiError, Code, ErrorBody};

/// How long an exchange that is under way may take to be stored for the first time, and how often it is tried.
const STORED: Duration = Duration::from_secs(5);
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// Pins an exchange: the bounds of the recording leave it alone. One that is pinned stays so.
#[utoipa::path(
    put,
    path = "/exchanges/{id}/pin",
    operation_id = "pin_exchange",
    params(("id" = i64, Path)),
    responses((status = NO_CONTENT, description = "It is pinned."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn pin(State(app): State<App>, Path(id): Path<i64>) -> Result<StatusCode, ApiError> {
    let deadline = Instant::now() + STORED;
    while !app.store.admin().pin(ExchangeId(id), dashcam_recorder::now()).await? {
        // It may be under way, and not stored yet.
        app.exchange(id).await?;
        if Instant::now() >= deadline {
            return Err(ApiError::new(
                Code::Unavailable,
                format!("Exchange {id} is not stored yet: try again."),
            ));
        }
        sleep(TRY_AGAIN).await;
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
