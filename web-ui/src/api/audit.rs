//! The audit log.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::Timestamp;
use dashcam_store::AuditFilter;
use dashcam_views::dto::Time;
use serde::Deserialize;

use crate::api::{Limit, Query};
use crate::app::App;
use crate::audit::ACTIONS;
use crate::dto::{AuditEntry, AuditLog};
use crate::error::{ApiError, ErrorBody};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// A part of the name of the one who did it, whatever its case.
    who: Option<String>,
    /// The action: `read`, `export`, `replay`, `unseal`, `redact`, `delete`, `token` or `lost`.
    action: Option<String>,
    /// Not before this time, in RFC 3339.
    since: Option<Time>,
    /// Before this time, in RFC 3339.
    until: Option<Time>,
    /// Only entries with smaller numbers.
    before: Option<i64>,
    /// How many: 1 to 1000, 100 by default.
    limit: Option<u32>,
}

/// The audit log, the newest entry first: who read, exported, replayed, unsealed, redacted and deleted what.
#[utoipa::path(
    get,
    path = "/audit",
    operation_id = "audit",
    params(Wanted),
    responses((status = OK, body = AuditLog), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<AuditLog>, ApiError> {
    let limit = Limit::new(wanted.limit)?;
    if let Some(action) = wanted.action.as_deref().filter(|action| !ACTIONS.contains(action)) {
        let names = ACTIONS.join(", ");
        let message = format!("There is no action \u{201c}{action}\u{201d}; expected one of {names}.");
        return Err(ApiError::bad_request(message));
    }
    let at = |time: Time| Timestamp(time.0.as_microsecond());
    let filter = AuditFilter {
        who: wanted.who.filter(|who| !who.is_empty()),
        action: wanted.action,
        since: wanted.since.map(at),
        until: wanted.until.map(at),
        before: wanted.before,
    };
    let mut entries = app.store.reader().audit(&filter, limit.probe()).await?;
    let next_before = limit.cut(&mut entries, |entry| entry.id);
    let entries = entries.into_iter().map(AuditEntry::from).collect();
    Ok(Json(AuditLog { entries, next_before, lost: app.audit.lost() }))
}
