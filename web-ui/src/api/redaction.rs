//! Redaction: the sets, and which one is in force. Rules are added through the settings.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use dashcam_redact::{Definitions, Rule, Sets};
use tokio::time::timeout;

use crate::app::App;
use crate::dto::RedactionInForce;
use crate::error::{ApiError, Code, ErrorBody};

/// How long rules may take to come into force: they are compiled.
const IN_FORCE_WITHIN: Duration = Duration::from_secs(10);

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

/// Checks that rules can be in force with the sets that are configured.
///
/// # Errors
/// When they make no sense together.
pub(super) fn check(app: &App, added: &[Rule]) -> Result<(), ApiError> {
    let Some(definitions) = &app.redaction_definitions else { return Ok(()) };
    let definitions = Definitions { added: added.to_vec(), ..definitions() };
    match Sets::compile(&definitions) {
        Ok(_) => Ok(()),
        Err(fault) => Err(ApiError::new(Code::Invalid, format!("{fault}."))),
    }
}

/// Waits until the rules of the settings are those in force.
///
/// # Errors
/// When they take long: somebody else may have made them impossible meanwhile.
pub(super) async fn wait(app: &App) -> Result<(), ApiError> {
    let Some(mut in_force) = app.redaction.clone() else { return Ok(()) };
    let is_in_force = in_force.wait_for(|shown| shown.added == app.control.settings().redaction);
    match timeout(IN_FORCE_WITHIN, is_in_force).await {
        Ok(Ok(_)) => Ok(()),
        _ => Err(ApiError::new(
            Code::Unavailable,
            "The rules of redaction are stored, but are not in force yet: look at dashcam's log.",
        )),
    }
}
