//! How dashcam itself is doing.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::GapReason;

use crate::app::App;
use crate::dto::{
    Database, Dropped, Ledger, Listener, Recorder, RecorderState, Retention, Settings, Status, Traffic,
};
use crate::error::{ApiError, ErrorBody};

/// How dashcam is doing.
#[utoipa::path(
    get,
    path = "/status",
    operation_id = "status",
    responses((status = OK, body = Status), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn status(State(app): State<App>) -> Result<Json<Status>, ApiError> {
    let listener = |(mode, address): &(String, _)| {
        let address: &std::net::SocketAddr = address;
        Listener { mode: mode.clone(), address: address.to_string() }
    };
    let (traffic, connections_open) = app.traffic();
    Ok(Json(Status {
        version: app.version.to_owned(),
        started_at: app.started_at.into(),
        uptime_us: (dashcam_recorder::now().0 - app.started_at.0).max(0),
        read_only: app.is_read_only(),
        home: app.home.display().to_string(),
        listeners: app.listeners.iter().map(listener).collect(),
        database: database(&app).await?,
        retention: Retention::from(app.store.kept().await?),
        settings: Settings::from(&**app.control.current()),
        ledger: ledger(&app.recorder.ledger()),
        traffic: Traffic::from(&traffic),
        connections_open: connections_open as u64,
        recorder: recorder(app.recorder.health()),
    }))
}

async fn database(app: &App) -> Result<Database, ApiError> {
    Ok(Database {
        path: app.store.path().display().to_string(),
        size: app.store.size().await?,
        exchanges: app.store.count().await?,
    })
}

fn ledger(ledger: &dashcam_recorder::Ledger) -> Ledger {
    let dropped =
        |reason| ledger.dropped.iter().filter(|(of, _)| *of == reason).map(|(_, count)| count).sum();
    Ledger {
        seen: ledger.seen,
        stored: ledger.stored,
        metadata_only: ledger.metadata_only,
        open: ledger.open,
        dropped: Dropped {
            queue_full: dropped(GapReason::QueueFull),
            disk_full: dropped(GapReason::DiskFull),
            disk_error: dropped(GapReason::DiskError),
            recorder_fault: dropped(GapReason::RecorderFault),
        },
        truncated: ledger.truncated,
        not_recorded: ledger.not_recorded,
        pending: ledger.pending,
    }
}

fn recorder(health: dashcam_recorder::Health) -> Recorder {
    let state = if health.error.is_some() { RecorderState::Failing } else { RecorderState::Running };
    Recorder { state, error: health.error, queued_bytes: health.queued_bytes as u64 }
}
