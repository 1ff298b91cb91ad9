//! A body for reading.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::{Direction, Exchange, Headers};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::{Path, Query};
use crate::app::{App, body_record};
use crate::decode::{self, Decoded, Source};
use crate::dto;
use crate::error::{ApiError, ErrorBody};

const DEFAULT: u32 = 1 << 20;
const LARGEST: u32 = 16 << 20;

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
    /// Whether there is more than what was decoded.
    truncated: bool,
    /// Whether it is no text.
    binary: bool,
    /// Why it could not be decoded, or not to its end.
    #[schema(required)]
    note: Option<String>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Cap {
    /// At most so many bytes after decoding: 1 MiB by default, 16 MiB at the most.
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
        return Err(ApiError::bad_request(format!("limit is {limit}; it can be {LARGEST} at the most.")));
    }
    let direction = Direction::from(direction);
    let exchange = app.exchange(id).await?;
    let record = body_record(&exchange, direction);
    let source = Source::new(&headers(&exchange, direction), record, u64::from(limit));
    let bytes = app.store.body(exchange.id, direction, Some(source.wanted())).await?;
    let decoded = decode::in_background(source, bytes).await;
    Ok(Json(Text::from(decoded)))
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

impl From<Decoded> for Text {
    fn from(decoded: Decoded) -> Self {
        let (text, charset) = decoded.text();
        Self {
            binary: text.is_none(),
            text,
            charset,
            encoding: decoded.encoding,
            size: decoded.size,
            truncated: decoded.truncated,
            note: decoded.note,
        }
    }
}
