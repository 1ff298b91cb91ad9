//! A request that was not recorded before, sent by dashcam.

use std::sync::Arc;

use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use dashcam_proxy::Replay;
use dashcam_views::dto::{NewRequest, Replayed};
use dashcam_views::edit;

use super::replay::{given_body, not_begun};
use crate::api::Body;
use crate::app::App;
use crate::audit::Action;
use crate::error::{ApiError, Code, ErrorBody};
use crate::page::bounds::Bounds;
use crate::principal::Caller;
use crate::read_only;

/// Sends a request and records it, whatever the level; answers as soon as the exchange has begun.
#[utoipa::path(
    post,
    path = "/exchanges",
    operation_id = "send",
    request_body = NewRequest,
    responses((status = CREATED, body = Replayed), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn send(
    State(app): State<App>,
    caller: Caller,
    Extension(bounds): Extension<Arc<Bounds>>,
    call: Request,
) -> Result<(StatusCode, Json<Replayed>), ApiError> {
    // Before the call's body is in memory, and until the exchange has ended.
    let place = bounds.replays.take()?;
    let Body(asked) = Body::<NewRequest>::from_request(call, &()).await?;
    let (destination, request) = edit::composed(&asked).map_err(|why| ApiError::new(Code::Invalid, why))?;
    let body = given_body((asked.body, asked.body_base64))?.unwrap_or_default();
    let replayer = app.replayer.as_ref().ok_or_else(|| read_only::refusal(&app))?;
    let new = Replay {
        of: None,
        redaction: None,
        destination,
        server_name: None,
        request,
        body,
        prior_knowledge: false,
    };
    let new = replayer.replay(new, place).map_err(|error| not_begun(&error))?;
    app.audit.note(&caller, Action::Send { new });
    Ok((StatusCode::CREATED, Json(Replayed { id: new.0 })))
}
