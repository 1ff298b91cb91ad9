//! Losses since a moment, for monitoring.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::{Gap, GapReason, Timestamp};
use dashcam_recorder::now;
use dashcam_views::dto::{Dropped, Time};
use serde::Deserialize;

use crate::api::Query;
use crate::api::status::in_time;
use crate::app::App;
use crate::dto::Losses;
use crate::error::{ApiError, Code, ErrorBody};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Since {
    /// The moment, as RFC 3339 has it; the start of this dashcam by default.
    since: Option<String>,
}

/// How many exchanges were dropped since a moment, by reason: by this dashcam, and by those before it.
#[utoipa::path(
    get,
    path = "/gaps/since",
    operation_id = "gaps_since",
    params(Since),
    responses((status = OK, body = Losses), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn since(
    State(app): State<App>,
    Query(query): Query<Since>,
) -> Result<Json<Losses>, ApiError> {
    let since = query.since.map_or(Ok(app.started_at), |text| moment("since", &text))?;
    // Before anything is asked: what is dropped meanwhile is told the next time as well.
    let at = now();
    let counted = app.recorder.ledger().dropped;
    let reader = app.store.reader();
    let (stored, own) = tokio::join!(in_time(reader.lost(since)), in_time(reader.lost(app.started_at)));
    let (stored, own) = (stored?, own?);
    let complete = stored.is_some() && own.is_some();
    let mut lost = stored.unwrap_or_default();
    // Those that are not stored yet were told of before, unless some were dropped since.
    if let Some(last) = app.recorder.dropped_at().filter(|last| *last >= since) {
        lost.extend(not_stored_yet(&counted, &own.unwrap_or_default(), last));
    }
    Ok(Json(Losses {
        at: at.into(),
        since: since.into(),
        dropped: Dropped::of(lost.iter().map(|lost| (lost.reason, lost.exchanges))),
        from: lost.iter().map(|lost| lost.from).min().map(Time::from),
        until: lost.iter().map(|lost| lost.until).max().map(Time::from),
        complete,
    }))
}

/// The drops that are `counted` since the start, and of which there are no rows among the `stored` ones yet; the
/// last was `at` that time.
fn not_stored_yet(counted: &[(GapReason, u64)], stored: &[Gap], at: Timestamp) -> Vec<Gap> {
    let left = counted.iter().map(|(reason, count)| {
        let there = stored.iter().filter(|gap| gap.reason == *reason).map(|gap| gap.exchanges).sum();
        Gap { from: at, until: at, reason: *reason, exchanges: count.saturating_sub(there) }
    });
    left.filter(|gap| gap.exchanges > 0).collect()
}

/// The time that a parameter has.
pub(super) fn moment(parameter: &str, text: &str) -> Result<Timestamp, ApiError> {
    let moment = text.parse::<jiff::Timestamp>();
    moment.map(|moment| Timestamp(moment.as_microsecond())).map_err(|_| {
        let message = format!("{parameter}={text} is no time: write one such as 2026-11-22T15:04:05Z.");
        ApiError::new(Code::Invalid, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_that_are_not_stored_yet_are_told_too() {
        let at = Timestamp(9);
        let gap = |reason, exchanges| Gap { from: at, until: at, reason, exchanges };
        let counted = [(GapReason::QueueFull, 5), (GapReason::DiskFull, 2), (GapReason::ClientShare, 0)];
        let stored =
            [gap(GapReason::QueueFull, 3), gap(GapReason::QueueFull, 1), gap(GapReason::DiskFull, 4)];
        assert_eq!(not_stored_yet(&counted, &stored, at), [gap(GapReason::QueueFull, 1)]);
        assert_eq!(not_stored_yet(&counted, &[], at).len(), 2);
    }

    #[test]
    fn moments_are_times() {
        assert_eq!(moment("since", "2026-11-22T15:04:05Z").unwrap(), Timestamp(1_795_359_845_000_000));
        assert!(moment("since", "yesterday").is_err());
    }
}
