//! Snapshots of the flight recorder: taken, listed, saved, deleted.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use dashcam_changes::Author;
use dashcam_flight::{Answer, Asker, Cause, Request};
use dashcam_recorder::now;

use crate::api::{Body, Path};
use crate::app::App;
use crate::audit::{Action, Subject};
use crate::dto::{
    Flight, Snapshot, SnapshotDeleted, SnapshotRequest, SnapshotState, SnapshotTaken, Snapshots,
};
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;

/// The longest time that a snapshot may be asked to go on for.
const LONGEST: Duration = Duration::from_secs(3600);
/// Bytes of a reason at most.
const LONGEST_REASON: usize = 1000;

/// The snapshots, the newest first, with the rings that killed runs have left; and the flight recorder.
#[utoipa::path(
    get,
    path = "/snapshots",
    operation_id = "snapshots",
    responses((status = OK, body = Snapshots), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(State(app): State<App>) -> Result<Json<Snapshots>, ApiError> {
    let flight = app.flight_recorder().map(|recorder| Flight::from(recorder.status()));
    Ok(Json(Snapshots { snapshots: all(&app).await?, flight }))
}

/// One snapshot.
#[utoipa::path(
    get,
    path = "/snapshots/{name}",
    operation_id = "snapshot",
    params(("name" = String, Path)),
    responses((status = OK, body = Snapshot), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn one(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Json<Snapshot>, ApiError> {
    let found = all(&app).await?.into_iter().find(|snapshot| snapshot.name == name);
    found.map(Json).ok_or_else(|| none(&name))
}

/// Takes a snapshot of what the flight recorder holds and of what follows. One is taken at a time: a second call joins it,
/// and prolongs it up to a bound.
#[utoipa::path(
    post,
    path = "/snapshots",
    operation_id = "take_snapshot",
    request_body = SnapshotRequest,
    responses((status = ACCEPTED, body = SnapshotTaken), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn take(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<SnapshotRequest>,
) -> Result<(StatusCode, Json<SnapshotTaken>), ApiError> {
    let recorder = app.flight_recorder().ok_or_else(without)?;
    let reason = request.reason.filter(|reason| !reason.trim().is_empty());
    if reason.as_ref().is_some_and(|reason| reason.len() > LONGEST_REASON) {
        return Err(ApiError::new(
            Code::Invalid,
            format!("The reason has more than {LONGEST_REASON} bytes."),
        ));
    }
    let author = caller.author().await;
    let request = Request {
        cause: Cause::Asked,
        reason,
        by: Some(asker(author.clone())),
        after: request.after.as_deref().map(after).transpose()?,
    };
    let taken = match recorder.ask(request, now()) {
        Answer::Begun(running) => SnapshotTaken::new(running, false),
        Answer::Joined(running) => SnapshotTaken::new(running, true),
        Answer::Suppressed => {
            return Err(ApiError::new(Code::Unavailable, "A snapshot was taken just now.".to_owned()));
        }
    };
    tracing::info!(
        who = author.who,
        address = author.address,
        session = author.session,
        snapshot = taken.name,
        joined = taken.joined,
        "a snapshot is taken"
    );
    Ok((StatusCode::ACCEPTED, Json(taken)))
}

/// Stores the ring that a killed run has left, as a snapshot of the same name. The list says when that is done.
#[utoipa::path(
    post,
    path = "/snapshots/{name}/save",
    operation_id = "save_snapshot",
    params(("name" = String, Path)),
    responses((status = ACCEPTED, description = "It is being stored."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn save(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    let flight = app.flight.as_ref().ok_or_else(|| none(&name))?;
    let Some(ring) = flight.left.find(&name) else {
        let message = format!("No killed run has left {name}: `dashcam snapshot ls` has the names.");
        return Err(ApiError::not_found(message));
    };
    if !flight.save(&name, asker(caller.author().await)) && !ring.saving {
        return Err(ApiError::new(
            Code::Unavailable,
            "Others are being stored: try again in a moment.".to_owned(),
        ));
    }
    Ok(StatusCode::ACCEPTED)
}

/// Deletes a snapshot with its exchanges, but for those that were pinned or belong to another; or the ring that a killed run
/// has left.
#[utoipa::path(
    delete,
    path = "/snapshots/{name}",
    operation_id = "delete_snapshot",
    params(("name" = String, Path)),
    responses((status = OK, body = SnapshotDeleted), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<SnapshotDeleted>, ApiError> {
    if state(&app, &name) == SnapshotState::Writing {
        return Err(ApiError::new(
            Code::Conflict,
            format!("{name} is being taken: delete it once it is stored."),
        ));
    }
    let author = caller.clone().author().await;
    let left = app.flight.as_ref().and_then(|flight| flight.left.find(&name).map(|ring| (flight, ring)));
    if let Some((flight, ring)) = left {
        let removed = flight.left.remove(&name);
        removed.map_err(|error| {
            ApiError::new(Code::Unavailable, format!("{}: {error}.", ring.path.display()))
        })?;
        tracing::info!(
            who = author.who,
            address = author.address,
            session = author.session,
            name,
            "the ring that a killed run had left is deleted"
        );
        return Ok(Json(SnapshotDeleted { exchanges: 0 }));
    }
    let deleted = app.store.admin().delete_snapshot(name.clone()).await?;
    let exchanges = deleted.ok_or_else(|| none(&name))?;
    app.audit.note(&caller, Action::Delete { of: Subject::Snapshot(name.clone()), exchanges });
    tracing::info!(
        who = author.who,
        address = author.address,
        session = author.session,
        snapshot = name,
        exchanges,
        "a snapshot is deleted"
    );
    Ok(Json(SnapshotDeleted { exchanges }))
}

async fn all(app: &App) -> Result<Vec<Snapshot>, ApiError> {
    let left = app.flight.as_ref().map(|flight| flight.left.list()).unwrap_or_default();
    let stored = app.store.reader().snapshots(u32::MAX).await?;
    // One that is being saved is in both.
    let stored = stored.into_iter().filter(|one| left.iter().all(|ring| ring.name != one.name));
    let stored = stored.map(|one| Snapshot { state: state(app, &one.name), ..one.into() });
    let mut all: Vec<_> = left.iter().cloned().map(Snapshot::from).chain(stored).collect();
    all.sort_by_key(|snapshot| std::cmp::Reverse(snapshot.created_at));
    Ok(all)
}

/// How a snapshot stands that is in the store, or is about to be.
fn state(app: &App, name: &str) -> SnapshotState {
    let is_taken = app.flight_recorder().is_some_and(|recorder| recorder.is_writing(name));
    let left = app.flight.as_ref().and_then(|flight| flight.left.find(name));
    let is_saved = left.is_some_and(|ring| ring.saving);
    if is_taken || is_saved { SnapshotState::Writing } else { SnapshotState::Stored }
}

/// A caller, as the flight recorder knows those that ask.
fn asker(Author { who, address, session }: Author) -> Asker {
    Asker { who, address, session }
}

fn without() -> ApiError {
    let message = "There is no flight recorder to take a snapshot of: start dashcam with --flight 60s,256MB.";
    ApiError::new(Code::Conflict, message.to_owned())
}

fn none(name: &str) -> ApiError {
    ApiError::not_found(format!("There is no snapshot {name}: `dashcam snapshot ls` has the names."))
}

fn after(text: &str) -> Result<Duration, ApiError> {
    let time = text.parse::<jiff::SignedDuration>().ok().and_then(|time| Duration::try_from(time).ok());
    time.filter(|time| !time.is_zero() && *time <= LONGEST).ok_or_else(|| {
        let message = format!("after is \u{201c}{text}\u{201d}; it is a time such as 30s, at most 1h.");
        ApiError::new(Code::Invalid, message)
    })
}
