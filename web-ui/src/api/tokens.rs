//! Tokens with a role, and the role of a caller.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use dashcam_exchange::Timestamp;
use dashcam_store::{MOST_TOKENS, Token as StoredToken};
use dashcam_views::dto::Time;

use crate::access;
use crate::api::{Body, Path};
use crate::app::App;
use crate::audit::Action;
use crate::dto::{CallerRole, NewToken, Token, TokenRequest, Tokens};
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;
use crate::read_only;

/// The longest name of a token.
const LONGEST_NAME: usize = 64;

/// The role of the caller.
#[utoipa::path(
    get,
    path = "/role",
    operation_id = "role",
    responses((status = OK, body = CallerRole), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn role(caller: Caller) -> Json<CallerRole> {
    let token = caller.token.as_ref();
    Json(CallerRole {
        role: caller.role,
        via: caller.principal().as_str().to_owned(),
        token: token.map(|token| token.name.clone()),
        expires_at: token.and_then(|token| token.expires_at).map(Time::from),
    })
}

/// All tokens with a role, those that are over as well, the newest first.
#[utoipa::path(
    get,
    path = "/tokens",
    operation_id = "tokens",
    responses((status = OK, body = Tokens), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(State(app): State<App>) -> Result<Json<Tokens>, ApiError> {
    let tokens = app.store.reader().tokens().await?;
    Ok(Json(Tokens { tokens: tokens.into_iter().map(Token::from).collect() }))
}

/// Makes a token with a role, which is valid at once. Only its digest is stored.
#[utoipa::path(
    post,
    path = "/tokens",
    operation_id = "make_token",
    request_body = TokenRequest,
    responses((status = CREATED, body = NewToken), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn make(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<TokenRequest>,
) -> Result<(StatusCode, Json<NewToken>), ApiError> {
    let now = dashcam_recorder::now();
    let name = name(&app, &request, now).await?;
    let (secret, sha256) = access::new_token();
    let token = StoredToken {
        name,
        role: request.role.as_str().to_owned(),
        sha256,
        created_at: now,
        expires_at: request.lasting_us.map(|lasting| end(now, lasting)).transpose()?,
        who: caller.clone().author().await.who,
        ..StoredToken::default()
    };
    // Before somebody can send it through the proxy.
    app.recorder.hide(&secret);
    let Some(token) = app.store.admin().put_token(token).await? else {
        let message = format!(
            "There are {MOST_TOKENS} valid tokens, the most there can be: `dashcam token rm` revokes some."
        );
        return Err(ApiError::new(Code::Conflict, message));
    };
    app.access.add_token(token.clone());
    note(&app, &caller, "new", &token);
    Ok((StatusCode::CREATED, Json(NewToken { secret, token: token.into() })))
}

/// Revokes a token, with the sessions that it began. Answers that are being sent to it break off.
#[utoipa::path(
    delete,
    path = "/tokens/{id}",
    operation_id = "revoke_token",
    params(("id" = i64, Path)),
    responses((status = NO_CONTENT, description = "It is revoked."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    let found = app.store.reader().tokens().await?.into_iter().find(|token| token.id == id);
    let token = found.ok_or_else(|| {
        ApiError::not_found(format!("There is no token {id}: `dashcam token ls` lists those that are there."))
    })?;
    // First of all: a disk that takes nothing leaves it revoked until dashcam is started again.
    app.access.revoke_token(&token.sha256).await;
    app.store.admin().revoke_token(token.sha256, dashcam_recorder::now()).await.map_err(|error| {
        let message = format!(
            "Token {id} lets nobody in any more, but only until dashcam is started again, as that could not be stored: \
             {error}. Revoke it again."
        );
        ApiError::new(Code::Unavailable, message)
    })?;
    note(&app, &caller, "revoked", &token);
    Ok(StatusCode::NO_CONTENT)
}

fn note(app: &App, caller: &Caller, change: &'static str, token: &StoredToken) {
    let StoredToken { id, name, role, .. } = token.clone();
    app.audit.note(caller, Action::Token { change, token: Some((id, name, role)) });
}

fn end(now: Timestamp, lasting_us: u64) -> Result<Timestamp, ApiError> {
    let end =
        i64::try_from(lasting_us).ok().filter(|lasting| *lasting > 0).and_then(|us| now.0.checked_add(us));
    end.map(Timestamp).ok_or_else(|| {
        ApiError::new(Code::Invalid, format!("lasting_us is {lasting_us}: give a time, or leave it out."))
    })
}

/// The name that was asked for, or one after the role. No two valid tokens have the same.
async fn name(app: &App, request: &TokenRequest, now: Timestamp) -> Result<String, ApiError> {
    if app.is_read_only() {
        return Err(read_only::refusal(app));
    }
    let tokens = app.store.reader().tokens().await?;
    let is_taken = |name: &str| tokens.iter().any(|token| token.name == name && token.is_valid(now));
    let Some(name) = request.name.as_deref().map(str::trim) else {
        let role = request.role.as_str();
        let numbered = (2..).map(|number| format!("{role}-{number}"));
        let mut names = std::iter::once(role.to_owned()).chain(numbered);
        return Ok(names.find(|name| !is_taken(name)).unwrap_or_default());
    };
    let is_legal = |char: char| char.is_alphanumeric() || " -_.@".contains(char);
    if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(is_legal) {
        let message = format!(
            "The name of a token has letters, digits, spaces and the signs -_.@, {LONGEST_NAME} at most."
        );
        return Err(ApiError::new(Code::Invalid, message));
    }
    if is_taken(name) {
        let message = format!("There is a valid token with the name {name}: choose another, or revoke it.");
        return Err(ApiError::new(Code::Conflict, message));
    }
    Ok(name.to_owned())
}
