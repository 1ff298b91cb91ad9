//! A body's bytes as stored, piece by piece.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use dashcam_exchange::{BodyRecord, ExchangeId};
use dashcam_store::{Store, StoreError};
use futures_util::stream;

use crate::api::Path;
use crate::app::{App, body_record};
use crate::dto::Direction;
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
    let record = body_record(&exchange, direction.into());
    if record.stored == 0 {
        return Err(none_stored(id, record));
    }
    let name =
        format!("attachment; filename=\"exchange-{id}-{}\"", dashcam_exchange::Direction::from(direction));
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).expect("a number and a fixed word")),
    ];
    let mut response = (headers, parts(app.store.clone(), exchange.id, direction.into())).into_response();
    // While the exchange is open its body may still grow.
    if exchange.state != dashcam_exchange::State::Open {
        response.headers_mut().insert(header::CONTENT_LENGTH, record.stored.into());
    }
    Ok(response)
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

/// The parts one after another: one is in memory at a time.
fn parts(store: Store, id: ExchangeId, direction: dashcam_exchange::Direction) -> Body {
    Body::from_stream(stream::try_unfold(0, move |seq: u32| {
        let store = store.clone();
        async move {
            let part = store.body_part(id, direction, seq).await?;
            Ok::<_, StoreError>(part.map(|bytes| (bytes, seq + 1)))
        }
    }))
}
