//! A body for reading.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::{Direction, Exchange, Headers};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::{Path, Query};
use crate::app::{App, body_record};
use crate::error::{ApiError, ErrorBody};
use dashcam_views::decode::{Readable, readable};
use dashcam_views::dto;
use dashcam_views::payload::Parts;

const DEFAULT: u32 = 1 << 20;
const LARGEST: u32 = 4 << 20;

/// A body decoded for reading.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Text {
    /// The text; null when it is binary or could not be decoded.
    #[schema(required)]
    text: Option<String>,
    /// The content codings that were on it, as in `Content-Encoding`.
    #[schema(required)]
    encoding: Option<String>,
    /// The charset that it was read in.
    charset: String,
    /// The decoded size in bytes; of what was decoded, when `truncated`.
    size: u64,
    /// True if there is more than what was decoded.
    truncated: bool,
    /// True if it is no text.
    binary: bool,
    /// A note on what was not decoded, and why; null if there is nothing to say.
    #[schema(required)]
    note: Option<String>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Cap {
    /// At most so many bytes after decoding: 1 MiB by default, at most 4 MiB.
    limit: Option<u32>,
}

/// A body for reading: content codings undone, charset decoded.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/{direction}/text",
    operation_id = "text",
    params(("id" = i64, Path), ("direction" = dto::Direction, Path), Cap),
    responses((status = OK, body = Text), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn text(
    State(app): State<App>,
    Path((id, direction)): Path<(i64, dto::Direction)>,
    Query(cap): Query<Cap>,
) -> Result<Json<Text>, ApiError> {
    let limit = cap.limit.unwrap_or(DEFAULT);
    if limit > LARGEST {
        let message = format!("limit is {limit}; it can be at most {LARGEST}. …/body has the whole.");
        return Err(ApiError::bad_request(message));
    }
    let direction = Direction::from(direction);
    let exchange = app.exchange(id).await?;
    let record = body_record(&exchange, direction);
    let parts = Parts::of_body(&app.store, exchange.id, direction);
    let headers = headers(&exchange, direction);
    let readable = readable(&app.decoders, parts, (&headers, record), u64::from(limit)).await?;
    Ok(Json(Text::from(readable)))
}

/// The head that tells how a body is coded; without one (no response came) there is nothing to tell.
fn headers(exchange: &Exchange, direction: Direction) -> Headers {
    match direction {
        Direction::Request => exchange.request.headers.clone(),
        Direction::Response => {
            exchange.response.as_ref().map(|response| response.headers.clone()).unwrap_or_default()
        }
    }
}

impl From<Readable> for Text {
    fn from(body: Readable) -> Self {
        Self {
            binary: body.text.is_none(),
            text: body.text,
            charset: body.charset,
            encoding: body.encoding,
            size: body.size,
            truncated: body.truncated,
            note: body.note,
        }
    }
}
