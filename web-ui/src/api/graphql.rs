//! GraphQL calls of the list: what their bodies tell and their rows do not.

use axum::Json;
use axum::extract::State;
use dashcam_views::dto::GraphqlCalls;
use dashcam_views::graphql;
use serde::Deserialize;
use tokio::time::{Duration, Instant};

use crate::api::Query;
use crate::app::App;
use crate::error::{ApiError, Code, ErrorBody};

/// The most exchanges of a call.
const MOST: usize = 100;
/// How long a call looks at bodies.
const WITHIN: Duration = Duration::from_secs(2);

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Numbers of exchanges, at most 100 with commas between them.
    ids: String,
}

/// The operations of GraphQL calls, and how many errors their answers have. It reads their bodies, for two seconds at most.
#[utoipa::path(
    get,
    path = "/exchanges/graphql",
    operation_id = "exchanges_graphql",
    params(Which),
    responses((status = OK, body = GraphqlCalls), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn calls(
    State(app): State<App>,
    Query(which): Query<Which>,
) -> Result<Json<GraphqlCalls>, ApiError> {
    let ids: Result<Vec<i64>, _> = which.ids.split(',').map(|id| id.trim().parse()).collect();
    let ids = ids.ok().filter(|ids| ids.len() <= MOST);
    let ids =
        ids.ok_or_else(|| ApiError::bad_request(format!("`ids` are at most {MOST} numbers: ids=5,7,9.")))?;
    let (until, mut calls) = (Instant::now() + WITHIN, Vec::new());
    for id in ids {
        if Instant::now() >= until {
            break;
        }
        match app.exchange(id).await {
            Ok(exchange) => {
                let bodies = app.bodies_so_far(&exchange);
                calls.push(graphql::call(&exchange, &bodies, &app.decoders).await?);
            }
            Err(error) if error.code() == Code::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Json(GraphqlCalls { calls }))
}
