//! A body's bytes as stored, piece by piece.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use dashcam_exchange::BodyRecord;
use dashcam_views::dto::Direction;
use dashcam_views::payload::Parts;
use futures_util::stream;

use crate::api::Path;
use crate::app::App;
use crate::error::{ApiError, ErrorBody};

/// The stored bytes of a body, content codings and all.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/{direction}/body",
    operation_id = "body",
    params(("id" = i64, Path), ("direction" = Direction, Path)),
    responses(
        (status = OK, content_type = "application/octet-stream", body = String),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn body(
    State(app): State<App>,
    Path((id, direction)): Path<(i64, Direction)>,
) -> Result<Response, ApiError> {
    let exchange = app.exchange(id).await?;
    let record = exchange.body(direction.into());
    if record.stored == 0 {
        return Err(none_stored(id, record));
    }
    let name =
        format!("attachment; filename=\"exchange-{id}-{}\"", dashcam_exchange::Direction::from(direction));
    // While the exchange is open its body may still grow.
    let has_ended = exchange.state != dashcam_exchange::State::Open;
    let parts = app.body(&exchange, direction.into()).await?;
    Ok(attachment(parts, &name, has_ended.then_some(record.stored)))
}

/// An answer with stored bytes, one part in memory at a time. One that ends before its `length` looks broken.
pub(super) fn attachment(parts: Parts, disposition: &str, length: Option<u64>) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).expect("numbers and fixed words")),
    ];
    let parts = stream::try_unfold(parts, |mut parts| async move {
        let part = parts.next().await?;
        Ok::<_, dashcam_store::ReadError>(part.map(|bytes| (bytes, parts)))
    });
    let mut response = (headers, Body::from_stream(parts)).into_response();
    if let Some(length) = length {
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

fn none_stored(id: i64, record: &BodyRecord) -> ApiError {
    ApiError::not_found(match record.size {
        0 => format!("This body of exchange {id} is empty."),
        size => format!(
            "Nothing is stored of this body of {size} bytes: exchange {id} was recorded without it. \
             Set the level to full, and body_limit above 0, to store bodies."
        ),
    })
}
