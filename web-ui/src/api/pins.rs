//! Pins: exchanges that the bounds of the recording leave alone.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use dashcam_exchange::ExchangeId;
use dashcam_views::dto::Pinned;
use dashcam_views::selection::{Change, Changed};
use tokio::time::Instant;

use crate::api::selection::Part;
use crate::api::{Path, Query};
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

/// Pins the exchanges that a filter chooses. A call takes about two seconds, and then answers with `next_after`, where the
/// next one goes on.
#[utoipa::path(
    put,
    path = "/exchanges/selection/pin",
    operation_id = "pin_selection",
    params(Part),
    responses((status = OK, body = Pinned), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn pin_some(
    State(app): State<App>,
    Query(part): Query<Part>,
) -> Result<Json<Pinned>, ApiError> {
    let at = dashcam_recorder::now();
    Ok(pinned(part.chosen(&app).await?.change(&app, Change::Pin { at }).await?))
}

/// Leaves the exchanges that a filter chooses to the bounds of the recording again. A call takes about two seconds, and
/// then answers with `next_after`, where the next one goes on.
#[utoipa::path(
    delete,
    path = "/exchanges/selection/pin",
    operation_id = "unpin_selection",
    params(Part),
    responses((status = OK, body = Pinned), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn unpin_some(
    State(app): State<App>,
    Query(part): Query<Part>,
) -> Result<Json<Pinned>, ApiError> {
    Ok(pinned(part.chosen(&app).await?.change(&app, Change::Unpin).await?))
}

fn pinned(changed: Changed) -> Json<Pinned> {
    Json(Pinned { changed: changed.exchanges, next_after: changed.next.map(|id| id.0) })
}
