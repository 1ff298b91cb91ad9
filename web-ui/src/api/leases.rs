//! Leases: rules before all others that end by themselves.

use axum::Json;
use axum::extract::State;
use dashcam_changes::{Bounds, Ended};
use serde::Deserialize;

use crate::api::rules::{Reason, legible};
use crate::api::settings::stored;
use crate::api::{Body, Limit, Path, Query};
use crate::app::App;
use crate::dto::{Lease, LeaseExtension, LeaseRequest, Leases};
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// True for those as well that have ended.
    #[serde(default)]
    all: bool,
    /// How many of them: 1 to 1000, 100 by default.
    limit: Option<u32>,
}

/// The leases in force, the newest first, or all that are stored.
#[utoipa::path(
    get,
    path = "/leases",
    operation_id = "leases",
    params(Which),
    responses((status = OK, body = Leases), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    State(app): State<App>,
    Query(which): Query<Which>,
) -> Result<Json<Leases>, ApiError> {
    let mut leases: Vec<Lease> = app.changes.leases().into_iter().map(Lease::from).collect();
    if which.all {
        let stored = app.store.reader().leases(false, Limit::new(which.limit)?.0).await?;
        let ended = stored.into_iter().filter(|lease| lease.ended.is_some());
        leases.extend(ended.filter_map(Lease::stored));
    }
    Ok(Json(Leases { leases }))
}

/// Begins a lease, at once.
#[utoipa::path(
    post,
    path = "/leases",
    operation_id = "begin_lease",
    request_body = LeaseRequest,
    responses((status = OK, body = Lease), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn begin(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<LeaseRequest>,
) -> Result<Json<Lease>, ApiError> {
    let rule = legible(request.rule())?;
    let new = request.with(rule);
    some(new.bounds, "A lease ends by itself: give it a time, bytes or exchanges.")?;
    let (lease, keeping) = app.changes.begin_lease(caller.author().await, new)?;
    stored(keeping).await?;
    Ok(Json(lease.into()))
}

/// Lets a lease last longer.
#[utoipa::path(
    patch,
    path = "/leases/{id}",
    operation_id = "extend_lease",
    params(("id" = i64, Path)),
    request_body = LeaseExtension,
    responses((status = OK, body = Lease), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn extend(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<i64>,
    Body(extension): Body<LeaseExtension>,
) -> Result<Json<Lease>, ApiError> {
    let more = extension.bounds();
    some(more, "Say how much longer it is to last: more time, bytes or exchanges.")?;
    let by = (caller.author().await, extension.reason);
    let (lease, keeping) = app.changes.extend_lease(by, id, more)?;
    stored(keeping).await?;
    Ok(Json(lease.into()))
}

/// Ends a lease: what holds without it holds again.
#[utoipa::path(
    delete,
    path = "/leases/{id}",
    operation_id = "end_lease",
    params(("id" = i64, Path), Reason),
    responses((status = OK, body = Lease), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn end(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(Reason { why }): Query<Reason>,
) -> Result<Json<Lease>, ApiError> {
    let (lease, keeping) = app.changes.end_lease((caller.author().await, why), id, Ended::ByUser)?;
    stored(keeping).await?;
    let ended = Lease::from(lease);
    Ok(Json(Lease {
        ended_at: Some(dashcam_recorder::now().into()),
        ended_why: Some("ended".to_owned()),
        ..ended
    }))
}

/// Refuses bounds of which none is there, or one is zero.
fn some(bounds: Bounds, message: &str) -> Result<(), ApiError> {
    let Bounds { lasting, max_bytes, max_exchanges } = bounds;
    let has_zero =
        lasting.is_some_and(|lasting| lasting.is_zero()) || [max_bytes, max_exchanges].contains(&Some(0));
    if has_zero || bounds == Bounds::default() {
        return Err(ApiError::new(Code::Invalid, message));
    }
    Ok(())
}
