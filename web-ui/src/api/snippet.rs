//! An exchange's request as a command or a piece of a program that sends it again.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use dashcam_exchange::{Direction, ExchangeId, State as Outcome};
use dashcam_views::snippet::{self, FORMATS, SnippetFormat};
use serde::Deserialize;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::api::{Path, Query};
use crate::app::App;
use crate::audit::Subject;
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;
use crate::unsealing::Unseal;

/// The format of a snippet.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct As {
    /// The format.
    #[param(schema_with = names)]
    format: String,
    /// True puts sealed secrets back, which needs the role admin; false by default.
    unseal: Option<bool>,
}

/// The names of all formats.
fn names() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(FORMATS.iter().map(|format| format.name)))
}

/// A curl command that repeats the request.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/curl",
    operation_id = "curl",
    params(("id" = i64, Path), Unseal),
    responses((status = OK, content_type = "text/plain", body = String), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn curl(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(asks): Query<Unseal>,
) -> Result<impl IntoResponse, ApiError> {
    made(&app, &caller, id, (&FORMATS[0], asks, "curl")).await
}

/// A command or a piece of a program that repeats the request.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/snippet",
    operation_id = "snippet",
    params(("id" = i64, Path), As),
    responses((status = OK, content_type = "text/plain", body = String), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(asks): Query<As>,
) -> Result<impl IntoResponse, ApiError> {
    let format = snippet::format(&asks.format)
        .map_err(|unknown| ApiError::new(Code::Invalid, format!("The format is an {unknown}.")))?;
    made(&app, &caller, id, (format, Unseal { unseal: asks.unseal }, "snippet")).await
}

async fn made(
    app: &App,
    caller: &Caller,
    id: i64,
    (format, asks, purpose): (&SnippetFormat, Unseal, &'static str),
) -> Result<impl IntoResponse + use<>, ApiError> {
    let unsealer = asks.begin(app, caller, (Subject::Exchanges(vec![ExchangeId(id)]), purpose))?;
    let mut exchange = app.exchange(id).await?;
    if exchange.state == Outcome::Refused {
        let message =
            format!("dashcam refused the request of exchange {id}: no client would send such a one.");
        return Err(ApiError::new(Code::Conflict, message));
    }
    let body = app.body(&exchange, Direction::Request).await?;
    let is_all_taken = exchange.request_body.stored <= snippet::LARGEST_BODY;
    let body = body
        .unsealed(unsealer.as_deref().and_then(|unsealer| unsealer.of(&exchange)))
        .gathered(Some(snippet::LARGEST_BODY))
        .await?;
    if let Some(unsealer) = &unsealer {
        unsealer.exchange(&mut exchange).await?;
        if is_all_taken {
            exchange.request_body.stored = body.len() as u64;
        }
    }
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((headers, format.snippet(&exchange, &body)))
}
