//! A body's bytes as stored or decoded, piece by piece.

use std::io;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use dashcam_exchange::{BodyRecord, Exchange, ExchangeId, StoredAs};
use dashcam_views::content::{self, Decoded};
use dashcam_views::dto::Direction;
use dashcam_views::payload::Parts;
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;

use crate::api::{Path, Query};
use crate::app::App;
use crate::audit::Subject;
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;
use crate::unsealing::{Unseal, Unsealing};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Form {
    /// With `true`, or without a value, content codings are undone.
    #[param(value_type = bool, required = false)]
    decoded: Option<String>,
}

/// The stored bytes of a body, content codings and all; or decoded.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/{direction}/body",
    operation_id = "body",
    params(("id" = i64, Path), ("direction" = Direction, Path), Form, Unseal),
    responses(
        (status = OK, content_type = "application/octet-stream", body = String),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn body(
    State(app): State<App>,
    caller: Caller,
    Path((id, direction)): Path<(i64, Direction)>,
    Query(form): Query<Form>,
    Query(asks): Query<Unseal>,
) -> Result<Response, ApiError> {
    let is_decoded = match form.decoded.as_deref() {
        None | Some("false") => false,
        Some("" | "true") => true,
        Some(other) => {
            return Err(ApiError::bad_request(format!("decoded is {other}; it can be true or false.")));
        }
    };
    let unsealer = asks.begin(&app, &caller, (Subject::Exchanges(vec![ExchangeId(id)]), "show"))?;
    let exchange = app.exchange(id).await?;
    let record = exchange.body(direction.into());
    if record.stored == 0 {
        return Err(none_stored(id, record));
    }
    let parts = app
        .body(&exchange, direction.into())
        .await?
        .unsealed(unsealer.as_deref().and_then(|unsealer| unsealer.of(&exchange)));
    if is_decoded {
        let body = Decoded::begin(&parts, &app.decoders, (&exchange, direction.into())).await?;
        return decoded(&exchange, direction.into(), (body, unsealer));
    }
    let name =
        format!("attachment; filename=\"exchange-{id}-{}\"", dashcam_exchange::Direction::from(direction));
    // While the exchange is open its body may still grow; secrets are shorter or longer than their placeholders.
    let is_known = exchange.state != dashcam_exchange::State::Open && unsealer.is_none();
    Ok(attachment((parts, unsealer), &name, is_known.then_some(record.stored)))
}

/// An answer with a decoded body, under its own type and a name that says it. One that can't be decoded to its end looks
/// broken.
fn decoded(
    exchange: &Exchange,
    direction: dashcam_exchange::Direction,
    (body, unsealer): (Decoded, Option<Unsealing>),
) -> Result<Response, ApiError> {
    if let Some(why) = body.undecodable() {
        let message = format!("{why} Without `decoded` you get the bytes as they are stored.");
        return Err(ApiError::new(Code::Conflict, message));
    }
    let named = exchange.headers(direction).and_then(|headers| headers.text("content-type"));
    let media_type = named.and_then(|named| HeaderValue::from_str(named).ok());
    let extension = named.and_then(content::extension).map(|extension| format!(".{extension}"));
    let name = format!("exchange-{}-{direction}{}", exchange.id, extension.unwrap_or_default());
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, media_type.unwrap_or(HeaderValue::from_static("application/octet-stream"))),
        (header::CONTENT_DISPOSITION, disposition(&format!("attachment; filename=\"{name}\""))),
    ];
    let pieces = stream::try_unfold(body, |mut body| async move {
        match body.next().await.map_err(io::Error::other)? {
            Some(bytes) => Ok(Some((bytes, body))),
            None if body.has_failed() => Err(io::Error::other(body.note().unwrap_or_default())),
            None => Ok(None),
        }
    });
    let pieces = pieces.inspect(move |_| {
        let _noted = &unsealer;
    });
    Ok((headers, Body::from_stream(pieces)).into_response())
}

fn disposition(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).expect("numbers and fixed words")
}

/// An answer with stored bytes, one part in memory at a time. One that ends before its `length` looks broken.
pub(super) fn attachment(
    (parts, unsealer): (Parts, Option<Unsealing>),
    name: &str,
    length: Option<u64>,
) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, disposition(name)),
    ];
    let parts = stream::try_unfold(parts, |mut parts| async move {
        let part = parts.next().await?;
        Ok::<_, dashcam_store::ReadError>(part.map(|bytes| (bytes, parts)))
    });
    let parts = parts.inspect(move |_| {
        let _noted = &unsealer;
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
        _ if record.stored_as == StoredAs::Withheld => {
            format!("This body of exchange {id} is withheld: redaction could not read it.")
        }
        size => format!(
            "Nothing is stored of this body of {size} bytes: exchange {id} was recorded without it. \
             Set the level to full, and body_limit above 0, to store bodies."
        ),
    })
}
