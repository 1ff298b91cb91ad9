//! Bodies and messages as what they are: the views that fit them, and what a view shows.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::{Exchange, ExchangeId};
use dashcam_store::MessagePreview;
use dashcam_views::content::{self, Viewing, Wanted};
use dashcam_views::dto::{Direction, Viewed, Views};
use dashcam_views::payload::Parts;
use serde::Deserialize;

use crate::api::{Path, Query};
use crate::app::App;
use crate::audit::Subject;
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;
use crate::unsealing::{Unseal, Unsealing};

const DEFAULT: u32 = 1 << 20;
const LARGEST: u32 = 4 << 20;
const HEX_DEFAULT: u32 = 64 << 10;
const HEX_LARGEST: u32 = 256 << 10;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Form {
    /// The view's name; that of the best by default.
    name: Option<String>,
    /// At most so many bytes after decoding: 1 MiB by default, at most 4 MiB; for `hex` 64 KiB, at most 256 KiB.
    limit: Option<u32>,
    /// With `hex`: so many bytes are left out before the first.
    offset: Option<u64>,
    /// With `hex`: `true` for the bytes as they are stored, with their content codings.
    stored: Option<bool>,
    /// With `protobuf` and `grpc`: the name of the message that it is, of those that the descriptors have. By default it is
    /// that of the method which the path names, or the one that the media type names.
    message: Option<String>,
}

impl Form {
    /// The wish, with the descriptors that are kept.
    pub(super) async fn wanted(self, app: &App) -> Result<Wanted, ApiError> {
        let Self { name, limit, offset, stored, message: message_type } = self;
        let is_hex = name.as_deref() == Some("hex");
        if let Some(name) = name.as_deref().filter(|name| !content::is_view(name)) {
            let names: Vec<_> = content::view_names().map(|view| view.name).collect();
            let message = format!("name is {name}; it can be {}.", names.join(", "));
            return Err(ApiError::new(Code::Invalid, message));
        }
        if offset.is_some() && !is_hex {
            return Err(ApiError::bad_request("offset goes with name=hex only."));
        }
        if stored.is_some() && !is_hex {
            return Err(ApiError::bad_request("stored goes with name=hex only."));
        }
        let (default, largest) = if is_hex { (HEX_DEFAULT, HEX_LARGEST) } else { (DEFAULT, LARGEST) };
        let limit = limit.unwrap_or(default);
        if limit > largest {
            let message = format!("limit is {limit}; it can be at most {largest}. …/body has the whole.");
            return Err(ApiError::bad_request(message));
        }
        let descriptors = app.descriptors.current().await.map(|(set, _)| set);
        let (limit, offset) = (u64::from(limit), offset.unwrap_or_default());
        let as_stored = stored.unwrap_or_default();
        Ok(Wanted { name, limit, offset, as_stored, descriptors, message_type })
    }
}

/// The views that fit a body, the best first.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/{direction}/views",
    operation_id = "views",
    params(("id" = i64, Path), ("direction" = Direction, Path), Unseal),
    responses((status = OK, body = Views), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn of_body(
    State(app): State<App>,
    caller: Caller,
    Path((id, direction)): Path<(i64, Direction)>,
    Query(asks): Query<Unseal>,
) -> Result<Json<Views>, ApiError> {
    let unsealer = unsealer(&app, &caller, (id, &asks))?;
    let (exchange, parts) = body(&app, (id, direction), unsealer.as_ref()).await?;
    let of = Viewing::Body(&exchange, direction.into());
    Ok(Json(content::views(&parts, &app.decoders, of).await?))
}

/// A body as a view shows it.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/{direction}/view",
    operation_id = "view",
    params(("id" = i64, Path), ("direction" = Direction, Path), Form, Unseal),
    responses((status = OK, body = Viewed), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn body_in(
    State(app): State<App>,
    caller: Caller,
    Path((id, direction)): Path<(i64, Direction)>,
    Query(form): Query<Form>,
    Query(asks): Query<Unseal>,
) -> Result<Json<Viewed>, ApiError> {
    let wanted = form.wanted(&app).await?;
    let unsealer = unsealer(&app, &caller, (id, &asks))?;
    let (exchange, parts) = body(&app, (id, direction), unsealer.as_ref()).await?;
    let of = Viewing::Body(&exchange, direction.into());
    Ok(Json(content::view(&parts, &app.decoders, of, wanted).await?))
}

/// The views that fit a message, the best first.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/messages/{seq}/views",
    operation_id = "message_views",
    params(("id" = i64, Path), ("seq" = u32, Path), Unseal),
    responses((status = OK, body = Views), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn of_message(
    State(app): State<App>,
    caller: Caller,
    Path((id, seq)): Path<(i64, u32)>,
    Query(asks): Query<Unseal>,
) -> Result<Json<Views>, ApiError> {
    let unsealer = unsealer(&app, &caller, (id, &asks))?;
    let (exchange, message, parts) = message(&app, (id, seq), unsealer.as_ref()).await?;
    let of = Viewing::Message(&exchange, &message);
    Ok(Json(content::views(&parts, &app.decoders, of).await?))
}

/// A message as a view shows it.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/messages/{seq}/view",
    operation_id = "message_view",
    params(("id" = i64, Path), ("seq" = u32, Path), Form, Unseal),
    responses((status = OK, body = Viewed), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn message_in(
    State(app): State<App>,
    caller: Caller,
    Path((id, seq)): Path<(i64, u32)>,
    Query(form): Query<Form>,
    Query(asks): Query<Unseal>,
) -> Result<Json<Viewed>, ApiError> {
    let wanted = form.wanted(&app).await?;
    let unsealer = unsealer(&app, &caller, (id, &asks))?;
    let (exchange, message, parts) = message(&app, (id, seq), unsealer.as_ref()).await?;
    let of = Viewing::Message(&exchange, &message);
    Ok(Json(content::view(&parts, &app.decoders, of, wanted).await?))
}

fn unsealer(app: &App, caller: &Caller, (id, asks): (i64, &Unseal)) -> Result<Option<Unsealing>, ApiError> {
    asks.begin(app, caller, (Subject::Exchanges(vec![ExchangeId(id)]), "show"))
}

async fn body(
    app: &App,
    (id, direction): (i64, Direction),
    unsealer: Option<&Unsealing>,
) -> Result<(Exchange, Parts), ApiError> {
    let exchange = app.exchange(id).await?;
    let parts = app.body(&exchange, direction.into()).await?;
    let parts = parts.unsealed(unsealer.and_then(|unsealer| unsealer.of(&exchange)));
    Ok((exchange, parts))
}

async fn message(
    app: &App,
    (id, seq): (i64, u32),
    unsealer: Option<&Unsealing>,
) -> Result<(Exchange, MessagePreview, Parts), ApiError> {
    let exchange = app.stored(id).await?;
    let Some(message) = app.store.reader().message(exchange.id, seq, 0).await? else {
        return Err(ApiError::no_message(id, seq));
    };
    let parts = Parts::of_message(app.store.reader(), exchange.id, seq);
    let parts = parts.unsealed(unsealer.and_then(|unsealer| unsealer.of(&exchange)));
    Ok((exchange, message, parts))
}
