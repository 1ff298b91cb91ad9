//! The messages that stand in a body: events, documents, parts and frames.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use dashcam_exchange::{Exchange, ExchangeId};
use dashcam_views::content::{self, Piece, SplitFormat, SplitWindow, Viewing};
use dashcam_views::dto::{BodyMessages, Direction, Viewed, Views};
use dashcam_views::payload::Parts;
use serde::Deserialize;

use crate::api::views::Form;
use crate::api::{Limit, Path, Query, bodies};
use crate::app::App;
use crate::audit::Subject;
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;
use crate::unsealing::{Unseal, Unsealing};

/// The most bytes of a message that a list carries.
const LARGEST_PREVIEW: u32 = 64 << 10;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// The place in the decoded body where it begins: 0, or the `next_offset` of the one before.
    offset: Option<u64>,
    /// How many: 1 to 1000, 100 by default; fewer where they are large, or finding them takes long.
    limit: Option<u32>,
    /// Bytes of each content, at most: 0 to 65536, 65536 by default.
    preview: Option<u32>,
}

/// The messages in a window of a body, in their order. While the exchange goes on they are those that are whole.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/{direction}/messages",
    operation_id = "body_messages",
    params(("id" = i64, Path), ("direction" = Direction, Path), Window, Unseal),
    responses((status = OK, body = BodyMessages), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path((id, direction)): Path<(i64, Direction)>,
    Query(window): Query<Window>,
    Query(asks): Query<Unseal>,
) -> Result<Json<BodyMessages>, ApiError> {
    let limit = Limit::new(window.limit)?;
    let preview = window.preview.unwrap_or(LARGEST_PREVIEW);
    if preview > LARGEST_PREVIEW {
        let message = format!(
            "preview is {preview}; it can be at most {LARGEST_PREVIEW}. …/messages/OFFSET/payload has the whole of one."
        );
        return Err(ApiError::bad_request(message));
    }
    let unsealer = unsealer(&app, &caller, (id, &asks))?;
    let (exchange, parts, format) = body(&app, (id, direction), unsealer.as_ref()).await?;
    let parts = parts.with_arrivals(app.arrivals(&exchange, direction.into()));
    let window = SplitWindow {
        offset: window.offset.unwrap_or_default(),
        most: limit.0 as usize,
        preview: preview as usize,
    };
    let of = (&exchange, direction.into());
    Ok(Json(content::split(&parts, &app.decoders, of, (format, window)).await?.into()))
}

/// The content of a message that stands in a body.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/{direction}/messages/{offset}/payload",
    operation_id = "body_message_payload",
    params(("id" = i64, Path), ("direction" = Direction, Path), ("offset" = u64, Path), Unseal),
    responses(
        (status = OK, content_type = "application/octet-stream", body = String),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn payload(
    State(app): State<App>,
    caller: Caller,
    Path((id, direction, offset)): Path<(i64, Direction, u64)>,
    Query(asks): Query<Unseal>,
) -> Result<Response, ApiError> {
    let unsealer = unsealer(&app, &caller, (id, &asks))?;
    let (_, piece) = one(&app, (id, direction, offset), unsealer.as_ref()).await?;
    let name = format!(
        "attachment; filename=\"exchange-{id}-{}-message-{offset}\"",
        dashcam_exchange::Direction::from(direction)
    );
    let length = piece.payload.len() as u64;
    Ok(bodies::attachment((Parts::held(piece.payload), unsealer), &name, Some(length)))
}

/// The views that fit a message that stands in a body, the best first.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/{direction}/messages/{offset}/views",
    operation_id = "body_message_views",
    params(("id" = i64, Path), ("direction" = Direction, Path), ("offset" = u64, Path), Unseal),
    responses((status = OK, body = Views), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn views(
    State(app): State<App>,
    caller: Caller,
    Path((id, direction, offset)): Path<(i64, Direction, u64)>,
    Query(asks): Query<Unseal>,
) -> Result<Json<Views>, ApiError> {
    let unsealer = unsealer(&app, &caller, (id, &asks))?;
    let (exchange, piece) = one(&app, (id, direction, offset), unsealer.as_ref()).await?;
    let of = Viewing::Piece(&exchange, direction.into(), &piece);
    Ok(Json(content::views(&Parts::held(piece.payload.clone()), &app.decoders, of).await?))
}

/// A message that stands in a body as a view shows it.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/{direction}/messages/{offset}/view",
    operation_id = "body_message_view",
    params(("id" = i64, Path), ("direction" = Direction, Path), ("offset" = u64, Path), Form, Unseal),
    responses((status = OK, body = Viewed), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn view(
    State(app): State<App>,
    caller: Caller,
    Path((id, direction, at)): Path<(i64, Direction, u64)>,
    Query(form): Query<Form>,
    Query(asks): Query<Unseal>,
) -> Result<Json<Viewed>, ApiError> {
    let wanted = form.wanted(&app).await?;
    let unsealer = unsealer(&app, &caller, (id, &asks))?;
    let (exchange, piece) = one(&app, (id, direction, at), unsealer.as_ref()).await?;
    let of = Viewing::Piece(&exchange, direction.into(), &piece);
    Ok(Json(content::view(&Parts::held(piece.payload.clone()), &app.decoders, of, wanted).await?))
}

fn unsealer(app: &App, caller: &Caller, (id, asks): (i64, &Unseal)) -> Result<Option<Unsealing>, ApiError> {
    asks.begin(app, caller, (Subject::Exchanges(vec![ExchangeId(id)]), "show"))
}

/// A body that consists of messages, by its media type.
async fn body(
    app: &App,
    (id, direction): (i64, Direction),
    unsealer: Option<&Unsealing>,
) -> Result<(Exchange, Parts, SplitFormat), ApiError> {
    let exchange = app.exchange(id).await?;
    let Some(format) = exchange.headers(direction.into()).and_then(SplitFormat::of) else {
        let message = format!(
            "This body of exchange {id} does not consist of messages, as far as its Content-Type says. \
             /exchanges/{id}/messages has those of WebSockets and gRPC."
        );
        return Err(ApiError::new(Code::Conflict, message));
    };
    let parts = app.body(&exchange, direction.into()).await?;
    let parts = parts.unsealed(unsealer.and_then(|unsealer| unsealer.of(&exchange)));
    Ok((exchange, parts, format))
}

async fn one(
    app: &App,
    (id, direction, offset): (i64, Direction, u64),
    unsealer: Option<&Unsealing>,
) -> Result<(Exchange, Piece), ApiError> {
    let (exchange, parts, format) = body(app, (id, direction), unsealer).await?;
    let of = (&exchange, direction.into());
    let piece = content::piece_at(&parts, &app.decoders, of, (format, offset)).await?;
    match piece.filter(|piece| piece.offset == offset) {
        Some(piece) => Ok((exchange, piece)),
        None => Err(ApiError::not_found(format!("No message of exchange {id} begins at byte {offset}."))),
    }
}
