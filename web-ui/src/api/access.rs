//! The end of sessions and of the token.

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::api::Query;
use crate::app::App;
use crate::error::{ApiError, Code, ErrorBody};
use crate::guard::OfSession;
use crate::paths::{ROTATE, SIGN_OUT};
use crate::principal::Principal;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// True ends the sessions of all browsers; false by default.
    everywhere: Option<bool>,
}

/// Ends the session that the call comes with, or all sessions.
#[utoipa::path(
    post,
    path = SIGN_OUT,
    operation_id = "sign_out",
    params(Which),
    responses((status = NO_CONTENT, description = "It has ended."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn sign_out(
    State(app): State<App>,
    session: Option<Extension<OfSession>>,
    Query(which): Query<Which>,
) -> Result<Response, ApiError> {
    match session {
        _ if which.everywhere.unwrap_or(false) => app.access.end_sessions().await,
        Some(Extension(OfSession(id))) => app.access.end_session(&id).await,
        None => {
            let message = "This call came without a session: ?everywhere=true ends those of all browsers.";
            return Err(ApiError::new(Code::Conflict, message));
        }
    }
    let forget = [(header::SET_COOKIE, app.page_state.cookie.forget())];
    Ok((StatusCode::NO_CONTENT, forget).into_response())
}

/// Makes a new token, and ends all sessions and calls that go on. Over the control socket only: the old token may be in
/// wrong hands.
#[utoipa::path(
    post,
    path = ROTATE,
    operation_id = "rotate_token",
    responses(
        (status = NO_CONTENT, description = "The file has a new token, and nothing else is let in."),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn rotate(
    State(app): State<App>,
    Extension(caller): Extension<Principal>,
) -> Result<StatusCode, ApiError> {
    let Some(new_token) = app.new_token.clone().filter(|_| caller == Principal::Cli) else {
        return Err(ApiError::new(
            Code::OwnerOnly,
            "`dashcam token rotate` does this, on the machine itself.",
        ));
    };
    app.access.rotate(new_token).await.map_err(|error| {
        ApiError::new(
            Code::Unavailable,
            format!("The new token could not be stored: {error}. The old one stays."),
        )
    })?;
    tracing::info!("the page has a new token, and all sessions have ended");
    Ok(StatusCode::NO_CONTENT)
}
