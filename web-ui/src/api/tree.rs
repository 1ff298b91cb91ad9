//! The tree of hosts and paths.

use axum::Json;
use axum::extract::State;
use dashcam_views::dto::PathTree;
use serde::Deserialize;

use crate::api::figures::counting_of;
use crate::api::{Limit, Query};
use crate::app::App;
use crate::error::{ApiError, ErrorBody};

/// Nodes of a branch that are shown unless the caller says how many.
const NODES: u32 = 50;
/// The most branches that are open.
const MOST_OPEN: usize = 200;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WhichBranches {
    /// A filter, in the language of `docs/FILTERS.md`.
    filter: Option<String>,
    /// The places whose nodes are wanted, at most 200 with spaces between them: a host, and behind it the folded beginning
    /// of a path, such as `api.example.com/v1/orders/{id}`.
    open: Option<String>,
    /// How many nodes of each, those with the most exchanges: 1 to 1000, 50 by default.
    limit: Option<u32>,
    /// How long it may take, such as `500ms` or `1m`; `10s` by default, at most `10m`.
    time_limit: Option<String>,
}

/// The hosts of the exchanges that match a filter, and below them their paths segment by segment, with ids folded.
#[utoipa::path(
    get,
    path = "/exchanges/tree",
    operation_id = "exchanges_tree",
    params(WhichBranches),
    responses((status = OK, body = PathTree), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn branches(
    State(app): State<App>,
    Query(which): Query<WhichBranches>,
) -> Result<Json<PathTree>, ApiError> {
    let open: Vec<String> = which.open.iter().flat_map(|open| open.split(' ')).map(str::to_owned).collect();
    if open.len() > MOST_OPEN {
        return Err(ApiError::bad_request(format!("open: at most {MOST_OPEN} places.")));
    }
    let Limit(most) = Limit::new(Some(which.limit.unwrap_or(NODES)))?;
    let counting = counting_of(&app, which.filter.as_deref(), which.time_limit.as_deref()).await?;
    Ok(Json(counting.tree(&open, most as usize).await?))
}
