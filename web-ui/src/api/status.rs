//! How dashcam itself is doing: answers also while the disk does not.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use dashcam_recorder::Health;
use dashcam_store::ReadError;
use dashcam_views::dto::Dropped;

use crate::app::App;
use crate::dto::{
    Backfill, Budget, Container, Database, Flight, Heavy, Lease, Ledger, Listener, Page, PageRefused,
    Recorder, RecorderState, Recording, RecordingState, RejectedSummary, Retention, RuleCounts, Settings,
    Status, Traffic,
};
use crate::error::{ApiError, ErrorBody};

/// How long the disk may take to tell: the rest is known without it.
const PATIENCE: Duration = Duration::from_millis(500);
/// Clients that are named, at most.
const NAMED: usize = 5;

/// How dashcam is doing.
#[utoipa::path(
    get,
    path = "/status",
    operation_id = "status",
    responses((status = OK, body = Status), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn status(State(app): State<App>) -> Result<Json<Status>, ApiError> {
    let (traffic, connections) = app.traffic();
    let health = app.recorder.health();
    // Before the store is asked: it has all that the ledger says is stored.
    let ledger = ledger(&app.recorder);
    let (database, retention, backfills) =
        tokio::join!(database(&app), in_time(app.store.reader().kept()), backfills(&app));
    Ok(Json(Status {
        version: app.version.to_owned(),
        started_at: app.started_at.into(),
        uptime_us: (dashcam_recorder::now().0 - app.started_at.0).max(0),
        read_only: app.is_read_only(),
        home: app.home.display().to_string(),
        listeners: app.listeners.iter().map(Listener::from).collect(),
        setup_site: app.setup_site,
        outbound: app.outbound.clone(),
        page: page(&app),
        database: database?,
        backfills: backfills?.unwrap_or_default().into_iter().map(Backfill::from).collect(),
        retention: retention?.map(Retention::from),
        settings: Settings::from(&*app.control.settings()),
        leases: app.changes.leases().into_iter().map(Lease::from).collect(),
        config: app.config.as_ref().map(|config| config.borrow().clone()),
        ledger,
        rules: app.control.rule_counts().into_iter().map(RuleCounts::from).collect(),
        traffic: Traffic::from(&traffic),
        limited: limited(&app),
        transit_bytes: app.transit_bytes(),
        connections_open: connections.clients as u64,
        unread_connections: app.unread_connections(),
        connection_limits: connections.into(),
        rejected: RejectedSummary::from(app.control.rejected()),
        budget: app.governed.as_ref().map(Budget::from),
        container: app.governed.as_ref().map(Container::from),
        recording: recording(&health),
        recorder: recorder(health),
        redaction: app.redaction_status(),
        flight: app.flight_recorder().map(|recorder| Flight::from(recorder.status())),
    }))
}

/// The page's own listener.
pub(super) fn page(app: &App) -> Page {
    let (admission, bounds) = (&app.page_state.admission, &app.page_state.bounds);
    Page {
        url: app.page.url.clone(),
        socket: app.page.socket.as_ref().map(|path| path.display().to_string()),
        sessions: app.access.sessions() as u64,
        sign_ins_failed: app.access.failed(),
        audit_lost: app.audit.lost(),
        connections_open: admission.open() as u64,
        refused: PageRefused {
            connections: admission.refused.load(Ordering::Relaxed),
            displaced: admission.displaced.load(Ordering::Relaxed),
            watchers: bounds.watchers.refused.load(Ordering::Relaxed),
            exports: bounds.exports.refused.load(Ordering::Relaxed),
            replays: bounds.replays.refused.load(Ordering::Relaxed),
        },
    }
}

fn limited(app: &App) -> BTreeMap<String, u64> {
    app.limited().into_iter().map(|(limit, count)| (limit.name().to_owned(), count)).collect()
}

async fn database(app: &App) -> Result<Database, ApiError> {
    let (size, exchanges) =
        tokio::join!(in_time(app.store.reader().size()), in_time(app.store.reader().count()));
    Ok(Database { path: app.store.path().display().to_string(), size: size?, exchanges: exchanges? })
}

/// The work that goes on in the background; nothing if the store does not answer.
pub(super) async fn backfills(app: &App) -> Result<Option<Vec<dashcam_store::Backfill>>, ApiError> {
    in_time(app.store.reader().backfills()).await
}

/// The store's answer, or nothing if it does not in time, or can't at the moment: then the recording is paused, and
/// that tells more.
pub(super) async fn in_time<T>(
    answer: impl Future<Output = Result<T, ReadError>>,
) -> Result<Option<T>, ApiError> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(answer)) => Ok(Some(answer)),
        Ok(Err(ReadError::NotOpen(_) | ReadError::Unavailable(_) | ReadError::Damaged(_))) => Ok(None),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

fn ledger(recorder: &dashcam_recorder::Recorder) -> Ledger {
    let ledger = recorder.ledger();
    let heaviest = recorder.heaviest(NAMED).into_iter();
    Ledger {
        beyond_share: heaviest
            .map(|(client, exchanges)| Heavy { client: client.to_string(), exchanges })
            .collect(),
        seen: ledger.seen,
        stored: ledger.stored,
        metadata_only: ledger.metadata_only,
        open: ledger.open,
        dropped: Dropped::of(ledger.dropped),
        truncated: ledger.truncated,
        not_recorded: ledger.not_recorded,
        not_kept: ledger.not_kept,
        sampled_out: ledger.sampled_out,
        pending: ledger.pending,
    }
}

fn recorder(health: Health) -> Recorder {
    let stalled = health.stalled.map(|waited| {
        let seconds = waited.as_secs();
        format!(
            "the disk has not answered for {seconds} s: exchanges wait in memory as long as there is room"
        )
    });
    let error = health.pause.map(|pause| pause.message).or(stalled);
    let state = if error.is_some() { RecorderState::Failing } else { RecorderState::Running };
    let guarantees = health.guarantees.into();
    Recorder { state, error, queued_bytes: health.queued_bytes as u64, guarantees }
}

fn recording(health: &Health) -> Recording {
    let pause = health.pause.as_ref();
    Recording {
        state: pause.map_or(RecordingState::Recording, |_| RecordingState::Paused),
        since: pause.map(|pause| pause.since.into()),
        reason: pause.map(|pause| pause.reason.into()),
        message: pause.map(|pause| pause.message.clone()),
    }
}
