//! Which time ranges of the recording are complete, and at which level.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::Timestamp;
use dashcam_views::boundaries;
use dashcam_views::dto::{Boundaries, Time};
use serde::Deserialize;

use crate::api::Query;
use crate::app::App;
use crate::error::{ApiError, ErrorBody};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Range {
    /// The first moment, in RFC 3339; by default the first of which anything is known.
    from: Option<Time>,
    /// The moment behind the last, in RFC 3339; by default now.
    until: Option<Time>,
}

/// Which time ranges are complete, and at which level, the oldest first: from when dashcam ran, the settings, rules and
/// leases in force, the gaps, and what was deleted.
#[utoipa::path(
    get,
    path = "/boundaries",
    operation_id = "boundaries",
    params(Range),
    responses((status = OK, body = Boundaries), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    State(app): State<App>,
    Query(range): Query<Range>,
) -> Result<Json<Boundaries>, ApiError> {
    let at = |time: Time| Timestamp(time.0.as_microsecond());
    let until = range.until.map_or_else(dashcam_recorder::now, at);
    let from = range.from.map(at);
    Ok(Json(boundaries::of(app.store.reader(), (from, until), !app.is_read_only()).await?))
}
