//! Redaction: the sets, and which one is in force. Rules are added through the settings.

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::dto::RedactionInForce;
use crate::error::{ApiError, Code, ErrorBody};

/// The sets of redaction, and the one that is in force.
#[utoipa::path(
    get,
    path = "/redaction",
    operation_id = "redaction",
    responses((status = OK, body = RedactionInForce), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn in_force(State(app): State<App>) -> Result<Json<RedactionInForce>, ApiError> {
    match &app.redaction {
        Some(redaction) => Ok(Json(redaction.borrow().clone())),
        None => Err(ApiError::new(Code::Unavailable, "Nothing is recorded here, so nothing is redacted.")),
    }
}
