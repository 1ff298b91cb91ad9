//! Stored exchanges, redacted again: by a set, or one value.

mod value;

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use dashcam_redact::{Definitions, Set, Sets};
use dashcam_views::dto::RedactionPart;
use dashcam_views::stored_redaction::StoredRedaction;

use crate::api::Body;
use crate::api::selection::Chosen;
use crate::app::App;
use crate::audit::{Action, Subject};
use crate::dto::{RedactionRequest, Scrubbed};
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;
use crate::read_only;

pub(crate) use value::{__path_redact_value, redact_value};

/// Replaces what a set finds in stored exchanges that a filter chooses, and that have ended; with `dry_run`, only says what it
/// would. A call takes about two seconds, and then answers with `next_after`, where the next one goes on; behind the last,
/// `POST /redactions/scrub` leaves nothing of the values in the files.
#[utoipa::path(
    post,
    path = "/redactions",
    operation_id = "redact_stored",
    request_body = RedactionRequest,
    responses((status = OK, body = RedactionPart), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn redact(
    State(app): State<App>,
    caller: Caller,
    Body(request): Body<RedactionRequest>,
) -> Result<Json<RedactionPart>, ApiError> {
    let definitions = definitions(&app)?;
    let set = named(&definitions, request.set.as_deref())?;
    let by = by(&app, &definitions, (Arc::clone(&set), true))?;
    let horizon = ((request.up_to, request.ended_by), request.after);
    let chosen = Chosen::of(&app, &request.filter, horizon).await?;
    let redacted = chosen.redact(&app, &by, request.dry_run).await?;
    let part = RedactionPart::new(set.label(), redacted, request.dry_run);
    if !request.dry_run && part.values() > 0 {
        let (of, set) = (Subject::Filter(chosen.filter().to_owned()), set.label().to_string());
        app.audit.note(&caller, Action::Redact { of, set, replaced: part.values() });
    }
    Ok(Json(part))
}

/// Leaves nothing in the database's files of what was redacted or deleted before. Writes the database once more, which takes
/// a while, and room for it twice.
#[utoipa::path(
    post,
    path = "/redactions/scrub",
    operation_id = "scrub",
    responses((status = OK, body = Scrubbed), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn scrub(State(app): State<App>, caller: Caller) -> Result<Json<Scrubbed>, ApiError> {
    let done = app.store.admin().scrub().await?;
    app.audit.note(&caller, Action::Scrub { done });
    Ok(Json(Scrubbed { done }))
}

/// The definitions that are configured now.
fn definitions(app: &App) -> Result<Definitions, ApiError> {
    match &app.redaction_definitions {
        Some(definitions) => Ok(definitions()),
        None => Err(read_only::refusal(app)),
    }
}

/// The set `name`, or the one that is in force.
fn named(definitions: &Definitions, name: Option<&str>) -> Result<Arc<Set>, ApiError> {
    let invalid = |message: String| ApiError::new(Code::Invalid, message);
    let sets = Sets::compile(definitions).map_err(|fault| invalid(format!("{fault}.")))?;
    sets.set(name).map(Arc::clone).ok_or_else(|| {
        let known: Vec<_> = sets.names().collect();
        invalid(match name {
            Some(name) => format!("There is no set {name}; there is: {}.", known.join(", ")),
            None => format!("Redaction is off: give the set, one of {}.", known.join(", ")),
        })
    })
}

/// Redaction by a set, which marks exchanges or not.
fn by(
    app: &App,
    definitions: &Definitions,
    (set, marks): (Arc<Set>, bool),
) -> Result<StoredRedaction, ApiError> {
    let keys = app.redaction_keys.clone().ok_or_else(|| {
        ApiError::new(
            Code::Unavailable,
            "The file redaction.key is not in the home: nothing can be redacted.",
        )
    })?;
    let seal_for = if definitions.no_seal { Duration::ZERO } else { definitions.seal_for };
    Ok(StoredRedaction { reader: app.store.reader().clone(), set, keys, seal_for, marks })
}
