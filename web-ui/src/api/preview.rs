//! A recorded page or document in a frame of our page: nothing in it runs, is fetched, or reaches the page.

use std::io;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use dashcam_exchange::Exchange;
use dashcam_views::content::Decoded;
use dashcam_views::dto::Direction;
use futures_util::stream;

use crate::api::Path;
use crate::app::App;
use crate::error::{ApiError, Code, ErrorBody};
use crate::headers::Framed;

/// A body as a browser shows it, for a frame: of HTML and PDF.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/{direction}/preview",
    operation_id = "preview",
    params(("id" = i64, Path), ("direction" = Direction, Path)),
    responses(
        (status = OK, content_type = "text/html", body = String),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn preview(
    State(app): State<App>,
    Path((id, direction)): Path<(i64, Direction)>,
    asked: HeaderMap,
) -> Result<Response, ApiError> {
    if !is_for_frame(&asked) {
        let message =
            "A preview opens in a frame of the page alone. `…/body?decoded` has the body for other uses.";
        return Err(ApiError::new(Code::CrossSite, message));
    }
    let exchange = app.exchange(id).await?;
    let (media_type, framed) = shown_as(&exchange, direction.into()).ok_or_else(|| {
        ApiError::new(
            Code::Invalid,
            "Only HTML and PDF have a preview. `…/body?decoded` has all bodies.".to_owned(),
        )
    })?;
    let parts = app.body(&exchange, direction.into()).await?;
    let body = Decoded::begin(&parts, &app.decoders, (&exchange, direction.into())).await?;
    if let Some(why) = body.undecodable() {
        return Err(ApiError::new(Code::Conflict, why.to_owned()));
    }
    let pieces = stream::try_unfold(body, |mut body| async move {
        let piece = body.next().await.map_err(io::Error::other)?;
        Ok::<_, io::Error>(piece.map(|bytes| (bytes, body)))
    });
    let headers = [(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, "inline".to_owned())];
    Ok((Extension(framed), headers, Body::from_stream(pieces)).into_response())
}

/// Returns whether a frame is to show the answer, as far as the client says what it is for: browsers do.
fn is_for_frame(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-dest")
        .is_none_or(|purpose| ["iframe", "embed", "object"].iter().any(|frame| purpose == frame))
}

/// The type under which a body is shown: never one that the recording made up, but for HTML's charset.
fn shown_as(exchange: &Exchange, direction: dashcam_exchange::Direction) -> Option<(String, Framed)> {
    let named = exchange.headers(direction)?.text("content-type")?;
    let mut parts = named.split(';').map(str::trim);
    match parts.next()?.to_ascii_lowercase().as_str() {
        "application/pdf" => Some(("application/pdf".to_owned(), Framed::Document)),
        "text/html" | "application/xhtml+xml" => {
            let is_word = |text: &&str| {
                text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=\"".contains(&byte))
            };
            let charset =
                parts.find(|part| part.to_ascii_lowercase().starts_with("charset=")).filter(is_word);
            let media_type =
                charset.map_or_else(|| "text/html".to_owned(), |charset| format!("text/html; {charset}"));
            Some((media_type, Framed::Page))
        }
        _ => None,
    }
}
