//! An exchange's request as a curl command.

use axum::extract;
use axum::http::header;
use axum::response::IntoResponse;
use dashcam_exchange::{Direction, ExchangeId, State};

use crate::api::{Path, Query};
use crate::app::App;
use crate::audit::Subject;
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;
use crate::unsealing::Unseal;

/// A curl command that repeats the request.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/curl",
    operation_id = "curl",
    params(("id" = i64, Path), Unseal),
    responses((status = OK, content_type = "text/plain", body = String), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn command(
    extract::State(app): extract::State<App>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(asks): Query<Unseal>,
) -> Result<impl IntoResponse, ApiError> {
    let unsealer = asks.begin(&app, &caller, (Subject::Exchanges(vec![ExchangeId(id)]), "curl"))?;
    let mut exchange = app.exchange(id).await?;
    if exchange.state == State::Refused {
        let message =
            format!("dashcam refused the request of exchange {id}: curl would not send such a one.");
        return Err(ApiError::new(Code::Conflict, message));
    }
    let body = app.body(&exchange, Direction::Request).await?;
    let is_all_taken = exchange.request_body.stored <= dashcam_views::curl::LARGEST_BODY;
    let body = body
        .unsealed(unsealer.as_deref().and_then(|unsealer| unsealer.of(&exchange)))
        .gathered(Some(dashcam_views::curl::LARGEST_BODY))
        .await?;
    if let Some(unsealer) = &unsealer {
        unsealer.exchange(&mut exchange).await?;
        if is_all_taken {
            exchange.request_body.stored = body.len() as u64;
        }
    }
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((headers, dashcam_views::curl::command(&exchange, &body)))
}
