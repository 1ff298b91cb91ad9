//! Completion of filters, for the page and for shells.

use axum::Json;
use axum::extract::State;
use dashcam_filter::{LONGEST, Place};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::Query;
use crate::app::App;
use crate::error::{ApiError, ErrorBody};

/// Values of the recording that are looked for.
const MOST: u32 = 50;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Typed {
    /// The filter as far as it is typed.
    text: String,
    /// The characters before the cursor; by default it is at the end.
    at: Option<usize>,
}

/// The things that could stand where somebody types.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Completion {
    /// The characters that an offer replaces: from this one on (from 0) …
    from: usize,
    /// … up to this one: the cursor.
    to: usize,
    /// At most 50.
    offers: Vec<Offer>,
}

/// Something that could stand there.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Offer {
    /// The text.
    text: String,
    /// Its meaning; empty for a value of the recording.
    meaning: String,
}

/// The names of fields and operators, and the values of the recording, that could stand at a place in a filter.
#[utoipa::path(
    get,
    path = "/filters/complete",
    operation_id = "complete_filter",
    params(Typed),
    responses((status = OK, body = Completion), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn complete(
    State(app): State<App>,
    Query(Typed { text, at }): Query<Typed>,
) -> Result<Json<Completion>, ApiError> {
    if text.len() > LONGEST {
        return Err(ApiError::bad_request(format!("A filter has at most {LONGEST} bytes: shorten it.")));
    }
    let to = at.unwrap_or(usize::MAX).min(text.chars().count());
    let place = Place::at(&text, to);
    let values = match place.source {
        Some(source) => app.store.reader().recent(source, &place.typed_value(), MOST).await?,
        None => Vec::new(),
    };
    let offers = place.offers(&values).into_iter();
    let offers = offers.map(|offer| Offer { text: offer.text, meaning: offer.meaning }).collect();
    Ok(Json(Completion { from: place.from, to, offers }))
}
