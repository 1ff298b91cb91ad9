//! An exchange's request as a curl command.

use axum::extract;
use axum::http::header;
use axum::response::IntoResponse;
use dashcam_exchange::{Direction, State};

use crate::api::Path;
use crate::app::App;
use crate::error::{ApiError, Code, ErrorBody};

/// A curl command that repeats the request.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/curl",
    operation_id = "curl",
    params(("id" = i64, Path)),
    responses((status = OK, content_type = "text/plain", body = String), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn command(
    extract::State(app): extract::State<App>,
    Path(id): Path<i64>,
) -> Result<impl IntoResponse, ApiError> {
    let exchange = app.exchange(id).await?;
    if exchange.state == State::Refused {
        let message =
            format!("dashcam refused the request of exchange {id}: curl would not send such a one.");
        return Err(ApiError::new(Code::Conflict, message));
    }
    let body = app.body(&exchange, Direction::Request).await?;
    let body = body.gathered(Some(dashcam_views::curl::LARGEST_BODY)).await?;
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((headers, dashcam_views::curl::command(&exchange, &body)))
}
