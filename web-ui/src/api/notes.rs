//! Notes: a comment and tags that users write down about exchanges.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::ExchangeId;
use dashcam_store::Noted;
use dashcam_views::dto::{Note, NoteChange};
use tokio::time::Instant;

use crate::api::{Body, Path};
use crate::app::App;
use crate::error::{ApiError, Code, ErrorBody};

/// Changes the comment and the tags of an exchange, and answers with those that it has then.
#[utoipa::path(
    patch,
    path = "/exchanges/{id}/note",
    operation_id = "note_exchange",
    params(("id" = i64, Path)),
    request_body = NoteChange,
    responses((status = OK, body = Note), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn change(
    State(app): State<App>,
    Path(id): Path<i64>,
    Body(change): Body<NoteChange>,
) -> Result<Json<Note>, ApiError> {
    let change = change.checked().map_err(|why| ApiError::new(Code::Invalid, why))?;
    let (id, since) = (ExchangeId(id), Instant::now());
    loop {
        let noted = app.store.admin().note(id, change.clone(), dashcam_recorder::now()).await?;
        match noted {
            Noted::Note(note) => return Ok(Json(note.into())),
            Noted::TooManyTags => return Err(ApiError::new(Code::Invalid, NoteChange::TOO_MANY_TAGS)),
            Noted::NoExchange => app.wait_for_row(id, since).await?,
        }
    }
}
