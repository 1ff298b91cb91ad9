//! Sealed secrets: how many there are, and their end.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::{SealId, Timestamp};
use dashcam_store::ChosenSeals;

use crate::api::Body;
use crate::app::App;
use crate::audit::Action;
use crate::dto::{Seals, SealsForgotten, SealsRemoval};
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;

/// How many sealed secrets can be put back, and until when. Nothing shows them here.
#[utoipa::path(
    get,
    path = "/seals",
    operation_id = "seals",
    responses((status = OK, body = Seals), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(State(app): State<App>) -> Result<Json<Seals>, ApiError> {
    Ok(Json(app.store.reader().seals_info().await?.into()))
}

/// Overwrites and deletes sealed secrets: nobody can put them back then.
#[utoipa::path(
    post,
    path = "/seals/delete",
    operation_id = "delete_seals",
    request_body = SealsRemoval,
    responses((status = OK, body = SealsForgotten), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Body(removal): Body<SealsRemoval>,
) -> Result<Json<SealsForgotten>, ApiError> {
    let which = match (removal.all, removal.before, removal.ids) {
        (true, None, None) => ChosenSeals::All,
        (false, Some(before), None) => ChosenSeals::SealedBefore(Timestamp(before.0.as_microsecond())),
        (false, None, Some(ids)) => ChosenSeals::These(read(&ids)?),
        _ => return Err(ApiError::new(Code::Invalid, "Give one of all, before and ids.")),
    };
    let forgotten = app.store.admin().forget_seals(which.clone()).await?;
    app.recorder.forget_seals();
    app.audit.note(&caller, Action::Seal { which, forgotten });
    Ok(Json(SealsForgotten { forgotten }))
}

fn read(ids: &[String]) -> Result<Vec<SealId>, ApiError> {
    let wrong = |id: &str| {
        let message = format!(
            "{id} is no id of a seal: it has 24 digits, as in ~sealed.token.0123456789abcdef01234567~."
        );
        ApiError::new(Code::Invalid, message)
    };
    ids.iter().map(|id| SealId::parse(id.as_bytes()).ok_or_else(|| wrong(id))).collect()
}
