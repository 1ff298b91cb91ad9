//! Filters in words, for the page.

use axum::Json;
use axum::extract::State;
use dashcam_filter::{Clause, Context, explain};
use jiff::Zoned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::Query;
use crate::app::App;
use crate::error::{ApiError, ErrorBody};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Written {
    /// The filter.
    text: String,
}

/// A filter in words.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct FilterExplanation {
    /// One sentence, without a full stop.
    explanation: String,
    /// The conditions of which all have to hold, in the filter's order.
    terms: Vec<FilterTerm>,
}

/// A condition that has to hold beside others.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct FilterTerm {
    /// The first of its characters in the filter, from 0 …
    from: usize,
    /// … and the one behind the last.
    to: usize,
    /// Says the same in words.
    text: String,
    /// True if it excludes.
    excludes: bool,
    /// The opposite, as it can stand in its place.
    opposite: String,
}

impl From<Clause> for FilterTerm {
    fn from(clause: Clause) -> Self {
        let Clause { from, to, words, excludes, opposite } = clause;
        Self { from, to, text: words, excludes, opposite }
    }
}

/// A filter in words, and its conditions of which all have to hold.
#[utoipa::path(
    get,
    path = "/filters/explain",
    operation_id = "explain_filter",
    params(Written),
    responses((status = OK, body = FilterExplanation), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn explained(
    State(app): State<App>,
    Query(Written { text }): Query<Written>,
) -> Result<Json<FilterExplanation>, ApiError> {
    let (now, presets) = (Zoned::now(), app.presets().await?);
    let found = explain(&text, &Context { now: &now, presets: &presets })?;
    let terms = found.clauses.into_iter().map(FilterTerm::from).collect();
    Ok(Json(FilterExplanation { explanation: found.sentence, terms }))
}
