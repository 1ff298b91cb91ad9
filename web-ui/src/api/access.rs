//! The end of sessions and of the token.

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::api::Query;
use crate::app::App;
use crate::audit::Action;
use crate::error::{ApiError, Code, ErrorBody};
use crate::paths::{ROTATE, SIGN_OUT};
use crate::principal::{Caller, OfSession, Principal};
use crate::role::Role;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// True ends the sessions of all browsers, or, for a caller who is no admin, all that the same token began; false by
    /// default.
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
    caller: Caller,
    session: Option<Extension<OfSession>>,
    Query(which): Query<Which>,
) -> Result<Response, ApiError> {
    match session {
        _ if which.everywhere.unwrap_or(false) => {
            let own = caller.token.as_deref().filter(|_| caller.role < Role::Admin);
            app.access.end_sessions(own).await;
        }
        Some(Extension(OfSession(id))) => app.access.end_session(&id).await,
        None => {
            let message = "This call came without a session: ?everywhere=true ends those of all browsers.";
            return Err(ApiError::new(Code::Conflict, message));
        }
    }
    let forget = [(header::SET_COOKIE, app.page_state.cookie.forget())];
    Ok((StatusCode::NO_CONTENT, forget).into_response())
}

/// Makes a new token of the home, and ends all sessions and its calls that go on. Tokens with a role stay. Over the control socket only: the old token may be in
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
pub(super) async fn rotate(State(app): State<App>, caller: Caller) -> Result<StatusCode, ApiError> {
    let is_owner = caller.principal() == Principal::Cli;
    let Some(new_token) = app.new_token.clone().filter(|_| is_owner) else {
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
    app.audit.note(&caller, Action::Token { change: "rotated", token: None });
    tracing::info!("the page has a new token, and all sessions have ended");
    Ok(StatusCode::NO_CONTENT)
}
