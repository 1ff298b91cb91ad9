//! Holes in the recording.

use axum::Json;
use axum::extract::State;
use dashcam_views::dto::{Gap, Gaps, GapsByHour, LostHour};
use serde::Deserialize;

use crate::api::{Limit, Query};
use crate::app::App;
use crate::error::{ApiError, ErrorBody};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// How many: 1 to 1000, 100 by default.
    limit: Option<u32>,
}

/// The latest gaps, newest first.
#[utoipa::path(
    get,
    path = "/gaps",
    operation_id = "gaps",
    params(Page),
    responses((status = OK, body = Gaps), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(State(app): State<App>, Query(page): Query<Page>) -> Result<Json<Gaps>, ApiError> {
    let gaps = app.store.reader().gaps(Limit::new(page.limit)?.0).await?;
    Ok(Json(Gaps { gaps: gaps.into_iter().map(Gap::from).collect() }))
}

/// How many exchanges were not stored, by hour and reason: the latest hours first.
#[utoipa::path(
    get,
    path = "/gaps/by-hour",
    operation_id = "gaps_by_hour",
    params(Page),
    responses((status = OK, body = GapsByHour), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn by_hour(
    State(app): State<App>,
    Query(page): Query<Page>,
) -> Result<Json<GapsByHour>, ApiError> {
    let hours = app.store.reader().gaps_by_hour(Limit::new(page.limit)?.0).await?;
    Ok(Json(GapsByHour { hours: hours.into_iter().map(LostHour::from).collect() }))
}
