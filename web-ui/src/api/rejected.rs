//! Clients and hosts whose connections are tunnelled because one side refuses dashcam's TLS.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};

use crate::api::Path;
use crate::app::App;
use crate::dto::{RejectedPair, RejectedPairs, RejectedRemoved};
use crate::error::{ApiError, ErrorBody};
use crate::principal::Principal;

/// The pairs of a client and a host that are tunnelled (`--tunnel-rejected`), the latest first.
#[utoipa::path(
    get,
    path = "/rejected",
    operation_id = "rejected",
    responses((status = OK, body = RejectedPairs), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(State(app): State<App>) -> Json<RejectedPairs> {
    let pairs = app.control.rejected().pairs();
    Json(RejectedPairs { pairs: pairs.into_iter().map(RejectedPair::from).collect() })
}

/// Lets connections of a pair be decrypted again.
#[utoipa::path(
    delete,
    path = "/rejected/{id}",
    operation_id = "remove_rejected",
    params(("id" = u64, Path)),
    responses((status = NO_CONTENT, description = "They are decrypted."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn remove(
    State(app): State<App>,
    Extension(caller): Extension<Principal>,
    Path(id): Path<u64>,
) -> Result<StatusCode, ApiError> {
    if !app.control.rejected().remove(id) {
        let message = format!("No pair {id} is tunnelled: its time may be over.");
        return Err(ApiError::not_found(message));
    }
    tracing::info!(who = caller.as_str(), id, "a pair that was tunnelled is decrypted again");
    Ok(StatusCode::NO_CONTENT)
}

/// Lets connections of all pairs be decrypted again, and forgets all refusals.
#[utoipa::path(
    delete,
    path = "/rejected",
    operation_id = "remove_all_rejected",
    responses((status = OK, body = RejectedRemoved), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn remove_all(
    State(app): State<App>,
    Extension(caller): Extension<Principal>,
) -> Json<RejectedRemoved> {
    let removed = app.control.rejected().clear() as u64;
    tracing::info!(who = caller.as_str(), removed, "all pairs that were tunnelled are decrypted again");
    Json(RejectedRemoved { removed })
}
