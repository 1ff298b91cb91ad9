//! The exchanges that a filter chooses: how many there are, before they are deleted or pinned.

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use dashcam_exchange::{ExchangeId, State as Stands, Summary, Timestamp};
use dashcam_views::dto::Selected;
use dashcam_views::selection::{Change, Changed, Horizon, Redacted, Selection, ended_at};
use dashcam_views::stored_redaction::StoredRedaction;
use serde::Deserialize;

use crate::api::Query;
use crate::app::App;
use crate::error::{ApiError, Code, ErrorBody};
use crate::filter;

/// How long a call works; where that does not suffice, the next call goes on.
const WORKING: Duration = Duration::from_secs(2);

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    /// A filter, in the language of `docs/FILTERS.md`; `~all` chooses every exchange.
    filter: String,
    /// Only exchanges with numbers up to this one: without it, up to the highest number when the call comes.
    up_to: Option<i64>,
    /// Only exchanges that had ended at this moment, in microseconds since 1970, with `up_to`: both are from a count. Without
    /// it, when the call comes.
    ended_by: Option<i64>,
    /// Only exchanges with greater numbers.
    after: Option<i64>,
}

impl Part {
    /// The part of the selection that the caller asks for.
    pub(super) async fn chosen(&self, app: &App) -> Result<Chosen, ApiError> {
        Chosen::of(app, &self.filter, ((self.up_to, self.ended_by), self.after)).await
    }
}

/// A part of a selection.
pub(super) struct Chosen {
    selection: Selection,
    /// The filter as it was understood.
    filter: String,
    horizon: Horizon,
    after: Option<ExchangeId>,
    until: Instant,
}

impl Chosen {
    /// The exchanges that a filter chooses, with numbers up to one and behind another, that had ended at a moment. All of
    /// these are stored.
    ///
    /// # Errors
    /// When the filter can't be read, or is empty.
    pub(super) async fn of(
        app: &App,
        text: &str,
        ((up_to, ended_by), after): ((Option<i64>, Option<i64>), Option<i64>),
    ) -> Result<Self, ApiError> {
        if text.trim().is_empty() {
            let message = "An empty filter chooses every exchange: if that is meant, write ~all.";
            return Err(ApiError::new(Code::Invalid, message));
        }
        if ended_by.is_some() && up_to.is_none() {
            return Err(ApiError::bad_request("ended_by belongs to an up_to: give both, from a count."));
        }
        let up_to = up_to.map_or_else(|| app.recorder.last_exchange(), ExchangeId);
        let now = dashcam_recorder::now();
        let filter = filter::read(app, Some(text)).await?;
        app.recorder.settle().await;
        let horizon = match ended_by {
            Some(moment) => Horizon { up_to, ended_by: Timestamp(moment) },
            None => Horizon { up_to: up_to.min(stored_up_to(app, now)), ended_by: now },
        };
        let understood = filter.to_string();
        let selection =
            Selection::new(app.search(filter), horizon).map_err(|why| ApiError::new(Code::Invalid, why))?;
        Ok(Self {
            filter: understood,
            selection,
            horizon,
            after: after.map(ExchangeId),
            until: Instant::now() + WORKING,
        })
    }

    /// The filter as it was understood.
    pub(super) fn filter(&self) -> &str {
        &self.filter
    }

    /// Redacts the exchanges of the part, or only says what would be replaced.
    pub(super) async fn redact(
        &self,
        app: &App,
        by: &StoredRedaction,
        is_dry: bool,
    ) -> Result<Redacted, ApiError> {
        let admin = (!is_dry).then(|| app.store.admin());
        Ok(self.selection.redact(by, admin, (self.after, dashcam_recorder::now(), self.until)).await?)
    }

    /// Changes the exchanges of the part.
    pub(super) async fn change(&self, app: &App, change: Change) -> Result<Changed, ApiError> {
        Ok(self.selection.change(app.store.admin(), change, (self.after, self.until)).await?)
    }
}

/// The last exchange up to which all that had ended are stored: one that the disk did not take yet is not counted, and so
/// must not be changed either.
fn stored_up_to(app: &App, now: Timestamp) -> ExchangeId {
    let is_missing = |row: &Summary| row.state != Stands::Open && ended_at(row) <= now;
    let missing = app.recorder.list(None, usize::MAX, is_missing);
    missing.last().map_or(ExchangeId(i64::MAX), |oldest| ExchangeId(oldest.id.0 - 1))
}

/// How many exchanges a filter chooses, and how it was understood. A call takes about two seconds, and then answers with
/// `next_after`, where the next one goes on.
#[utoipa::path(
    get,
    path = "/exchanges/selection",
    operation_id = "selection",
    params(Part),
    responses((status = OK, body = Selected), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn count(
    State(app): State<App>,
    Query(part): Query<Part>,
) -> Result<Json<Selected>, ApiError> {
    let chosen = part.chosen(&app).await?;
    let tally = chosen.selection.count(chosen.after, chosen.until).await?;
    Ok(Json(Selected {
        filter: chosen.filter,
        up_to: chosen.horizon.up_to.0,
        ended_by: chosen.horizon.ended_by.0,
        exchanges: tally.exchanges,
        bytes: tally.bytes,
        pinned: tally.pinned,
        open: tally.open,
        next_after: tally.next.map(|id| id.0),
    }))
}
