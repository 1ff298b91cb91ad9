//! Metrics, for Prometheus and what understands its text format.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::app::App;
use crate::dto::{Budget, Container, RejectedSummary};
use crate::error::ErrorBody;
use crate::paths::METRICS;
use crate::prometheus;

/// Counts and latencies since the start, in Prometheus' text format.
#[utoipa::path(
    get,
    path = METRICS,
    operation_id = "metrics",
    responses((status = OK, content_type = "text/plain", body = String), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    // Nothing else waits for the store: without its answer the rest is told all the same.
    let backfills = super::status::backfills(&app).await.ok().flatten();
    let (traffic, connections) = app.traffic();
    let text = prometheus::text(&prometheus::Readings {
        version: app.version,
        traffic,
        limited: app.limited(),
        transit_bytes: app.transit_bytes(),
        programs: app.programs(),
        ledger: app.recorder.ledger(),
        rules: app.control.rule_counts(),
        redaction: app.redaction_status(),
        health: app.recorder.health(),
        connections,
        level: app.control.settings().level,
        rejected: RejectedSummary::from(app.control.rejected()),
        page: super::status::page(&app),
        backfills,
        flight: app.flight_recorder().map(dashcam_flight::FlightRecorder::status),
        budget: app.governed.as_ref().map(Budget::from),
        limits: app.governed.as_ref().map(Container::from),
    });
    ([(header::CONTENT_TYPE, prometheus::CONTENT_TYPE)], text)
}
