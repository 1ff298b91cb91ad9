//! Uses of sealed secrets by commands that have the key themselves.

use axum::extract::State;
use axum::http::StatusCode;
use dashcam_exchange::ExchangeId;

use crate::api::Body;
use crate::app::App;
use crate::audit::{Action, Subject};
use crate::dto::UnsealUse;
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;

/// The purposes for which commands put secrets back.
const PURPOSES: [&str; 4] = ["show", "curl", "snippet", "export"];

/// Notes in the audit log that a command puts sealed secrets back. Commands call it before they show any.
#[utoipa::path(
    post,
    path = "/audit/unseals",
    operation_id = "note_unseal",
    request_body = UnsealUse,
    responses((status = NO_CONTENT, description = "It is noted."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn note(
    State(app): State<App>,
    caller: Caller,
    Body(used): Body<UnsealUse>,
) -> Result<StatusCode, ApiError> {
    let Some(purpose) = PURPOSES.into_iter().find(|purpose| *purpose == used.purpose) else {
        let message = format!("purpose is {}; it can be {}.", used.purpose, PURPOSES.join(", "));
        return Err(ApiError::new(Code::Invalid, message));
    };
    let of = match (used.exchange, used.filter) {
        (Some(id), _) => Subject::Exchanges(vec![ExchangeId(id)]),
        (None, Some(filter)) if !filter.trim().is_empty() => Subject::Filter(filter),
        (None, _) => Subject::All,
    };
    let UnsealUse { secrets, missing, .. } = used;
    app.audit.note(&caller, Action::Unseal { of, purpose, secrets, missing });
    Ok(StatusCode::NO_CONTENT)
}
