//! Filters that are kept under a name.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use dashcam_filter::{Context, Filter};
use dashcam_store::MOST_PRESETS;
use dashcam_views::dto::{PresetFilter, Presets};
use jiff::Zoned;

use crate::api::{Body, Path};
use crate::app::App;
use crate::error::{ApiError, Code, ErrorBody};

/// The longest name, in bytes.
const LONGEST_NAME: usize = 64;

/// All presets, by their names.
#[utoipa::path(
    get,
    path = "/presets",
    operation_id = "presets",
    responses((status = OK, body = Presets), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(State(app): State<App>) -> Result<Json<Presets>, ApiError> {
    let presets = app.store.reader().presets().await?;
    Ok(Json(Presets { presets: presets.into_iter().map(Into::into).collect() }))
}

/// Keeps a filter under a name, in place of the one that had it. A preset may name others, but none that names it.
#[utoipa::path(
    put,
    path = "/presets/{name}",
    operation_id = "keep_preset",
    params(("name" = String, Path)),
    request_body = PresetFilter,
    responses((status = NO_CONTENT, description = "It is kept."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn keep(
    State(app): State<App>,
    Path(name): Path<String>,
    Body(PresetFilter { filter }): Body<PresetFilter>,
) -> Result<StatusCode, ApiError> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "_-".contains(character);
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(is_plain) {
        return Err(ApiError::new(
            Code::Invalid,
            "A preset's name is 1 to 64 letters, digits, _ and -: choose another one.",
        ));
    }
    let mut presets = app.presets().await?;
    presets.insert(name.clone(), filter.clone());
    let context = Context { now: &Zoned::now(), presets: &presets };
    // Read as a part of itself: so a circle is found.
    Filter::parse(&format!("preset:{name}"), &context)
        .map_err(|error| ApiError::new(Code::Invalid, error.message))?;
    let preset = dashcam_store::Preset { name, filter, at: dashcam_recorder::now() };
    if !app.store.admin().put_preset(preset).await? {
        let message = format!("There are {MOST_PRESETS} presets already: remove one that is not needed.");
        return Err(ApiError::new(Code::Conflict, message));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a preset. Filters that name it can't be read any more.
#[utoipa::path(
    delete,
    path = "/presets/{name}",
    operation_id = "remove_preset",
    params(("name" = String, Path)),
    responses((status = NO_CONTENT, description = "It is gone."), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn remove(State(app): State<App>, Path(name): Path<String>) -> Result<StatusCode, ApiError> {
    if app.store.admin().remove_preset(name.clone()).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::not_found(format!("There is no preset {name}: GET /api/v1/presets lists them.")))
}

impl App {
    /// The filters that are kept, for filters that name them.
    pub(crate) async fn presets(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let presets = self.store.reader().presets().await?;
        Ok(presets.into_iter().map(|preset| (preset.name, preset.filter)).collect())
    }
}
