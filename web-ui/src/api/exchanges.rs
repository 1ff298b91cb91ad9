//! One exchange, and the deletion of exchanges.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use dashcam_exchange::ExchangeId;
use dashcam_views::dto::{DeleteRequest, Deleted, Exchange};
use dashcam_views::selection::Change;
use serde::Deserialize;
use tokio::time::Instant;

use crate::api::selection::Chosen;
use crate::api::{Body, Path, Query};
use crate::app::App;
use crate::audit::{Action, Subject};
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;
use crate::unsealing::Unseal;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
// A name that is misspelt is refused: without it, all would be deleted.
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Only exchanges that this filter chooses, which must not be empty; without one, all.
    filter: Option<String>,
    /// Only exchanges with numbers up to this one: without it, up to the highest number when the call comes.
    up_to: Option<i64>,
    /// Only exchanges that had ended at this moment, in microseconds since 1970, with `up_to`: both are from a count. Without
    /// it, when the call comes.
    ended_by: Option<i64>,
    /// Only exchanges with greater numbers.
    after: Option<i64>,
    /// True deletes pinned exchanges as well; false by default.
    pinned: Option<bool>,
}

/// Deletes every stored exchange that is not pinned, with its bodies and messages; with `pinned=true` those as well. With a
/// `filter`, only those that it chooses and that have ended: a call takes about two seconds, and then answers with
/// `next_after`, where the next one goes on.
#[utoipa::path(
    delete,
    path = "/exchanges",
    operation_id = "delete_exchanges",
    params(Which),
    responses((status = OK, body = Deleted), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn delete_all(
    State(app): State<App>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<Deleted>, ApiError> {
    let pinned = which.pinned.unwrap_or(false);
    if let Some(filter) = which.filter.as_deref() {
        let chosen = Chosen::of(&app, filter, ((which.up_to, which.ended_by), which.after)).await?;
        let deleted = chosen.change(&app, Change::Delete { pinned }).await?;
        note(&app, &caller, Subject::Filter(chosen.filter().to_owned()), deleted.exchanges);
        return Ok(Json(Deleted { deleted: deleted.exchanges, next_after: deleted.next.map(|id| id.0) }));
    }
    if which.up_to.or(which.after).or(which.ended_by).is_some() {
        return Err(ApiError::bad_request(
            "up_to, ended_by and after belong to a filter: give one, or leave them out.",
        ));
    }
    // Those that have ended go as well, unless the disk takes nothing.
    app.recorder.settle().await;
    let under_way = app.recorder.under_way();
    let deleted = app.store.admin().delete_all(pinned).await?;
    note(&app, &caller, Subject::All, deleted);
    app.leave_out_deleted(under_way).await?;
    Ok(Json(Deleted { deleted, next_after: None }))
}

/// The most exchanges that one call deletes.
const MOST: usize = 1000;

/// Deletes those of the exchanges that are stored and have ended, with their bodies and messages.
#[utoipa::path(
    post,
    path = "/exchanges/delete",
    operation_id = "delete_some_exchanges",
    request_body = DeleteRequest,
    responses((status = OK, body = Deleted), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn delete_some(
    State(app): State<App>,
    caller: Caller,
    Body(doomed): Body<DeleteRequest>,
) -> Result<Json<Deleted>, ApiError> {
    if doomed.ids.len() > MOST {
        return Err(ApiError::new(Code::Invalid, format!("Give at most {MOST} ids.")));
    }
    let ids: Vec<_> = doomed.ids.into_iter().map(ExchangeId).collect();
    for id in &ids {
        app.wait_for(*id).await?;
    }
    let deleted = app.store.admin().delete_these(ids.clone(), doomed.pinned.unwrap_or(false)).await?;
    note(&app, &caller, Subject::Exchanges(ids), deleted);
    Ok(Json(Deleted { deleted, next_after: None }))
}

/// One exchange with everything but the bytes of its bodies.
#[utoipa::path(
    get,
    path = "/exchanges/{id}",
    operation_id = "exchange",
    params(("id" = i64, Path), Unseal),
    responses((status = OK, body = Exchange), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(asks): Query<Unseal>,
) -> Result<Json<Exchange>, ApiError> {
    let unsealer = asks.begin(&app, &caller, (Subject::Exchanges(vec![ExchangeId(id)]), "show"))?;
    Ok(Json(app.shown(id, unsealer.as_deref()).await?))
}

/// Deletes one exchange with its bodies and messages.
#[utoipa::path(
    delete,
    path = "/exchanges/{id}",
    operation_id = "delete_exchange",
    params(("id" = i64, Path)),
    responses((status = NO_CONTENT, description = "It is gone."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    let id = ExchangeId(id);
    app.wait_for(id).await?;
    let since = Instant::now();
    while !app.store.admin().delete(id).await? {
        app.wait_for_row(id, since).await?;
    }
    app.recorder.leave_out(id);
    note(&app, &caller, Subject::Exchanges(vec![id]), 1);
    Ok(StatusCode::NO_CONTENT)
}

/// Notes a deletion in the audit log.
fn note(app: &App, caller: &Caller, of: Subject, exchanges: u64) {
    if exchanges > 0 {
        app.audit.note(caller, Action::Delete { of, exchanges });
    }
}
