//! The settings: read, changed, and their history.

use axum::extract::State;
use axum::{Extension, Json};
use dashcam_control::Change;
use dashcam_store::StoreError;
use serde::Deserialize;

use crate::api::{Body, Limit, Query};
use crate::app::App;
use crate::dto::{Settings, SettingsChange, SettingsChanges, SettingsInForce, SettingsPatch};
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Principal;

/// The settings in force.
#[utoipa::path(
    get,
    path = "/settings",
    operation_id = "settings",
    responses((status = OK, body = SettingsInForce), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn read(State(app): State<App>) -> Json<SettingsInForce> {
    Json(in_force(&app, &app.control.settings()))
}

fn in_force(app: &App, settings: &dashcam_control::Settings) -> SettingsInForce {
    SettingsInForce { settings: Settings::from(settings), unread_connections: app.unread_connections() }
}

/// Changes the settings, at once and for good.
#[utoipa::path(
    patch,
    path = "/settings",
    operation_id = "change_settings",
    request_body = SettingsPatch,
    responses((status = OK, body = SettingsInForce), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn change(
    State(app): State<App>,
    Extension(caller): Extension<Principal>,
    Body(patch): Body<SettingsPatch>,
) -> Result<Json<SettingsInForce>, ApiError> {
    // Held until the change is stored, so that the history tells changes in the order they came into force.
    let _one_at_a_time = app.changing_settings.lock().await;
    let invalid = |error: dashcam_control::InvalidSettings| ApiError::new(Code::Invalid, format!("{error}."));
    let change = app.control.change(&patch.patch()).map_err(invalid)?;
    tracing::info!(who = caller.as_str(), level = %change.to.level, body_limit = change.to.body_limit, "settings changed");
    store(&app, caller, patch.why, &change).await?;
    Ok(Json(in_force(&app, &change.to)))
}

async fn store(app: &App, caller: Principal, why: Option<String>, change: &Change) -> Result<(), ApiError> {
    let json = |settings| serde_json::to_value(settings).expect("settings are strings and numbers");
    let change = dashcam_store::SettingsChange {
        at: dashcam_recorder::now(),
        who: caller.as_str().to_owned(),
        why,
        from: Some(json(&*change.from)),
        to: json(&*change.to),
        ..dashcam_store::SettingsChange::default()
    };
    let stored = app.store.admin().append_settings(&change).await;
    stored.map_err(|error| {
        tracing::error!(%error, "a change of the settings could not be stored");
        let what = match &error {
            StoreError::NotOpen { .. } => "is in force, and is stored once the database is open",
            _ => "is in force, but could not be stored and will not outlive dashcam",
        };
        ApiError::new(Code::Unavailable, format!("The change {what}: {error}"))
    })
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// How many: 1 to 1000, 100 by default.
    limit: Option<u32>,
}

/// The latest changes of the settings, newest first.
#[utoipa::path(
    get,
    path = "/settings/history",
    operation_id = "settings_history",
    params(Page),
    responses((status = OK, body = SettingsChanges), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn history(
    State(app): State<App>,
    Query(page): Query<Page>,
) -> Result<Json<SettingsChanges>, ApiError> {
    let changes = app.store.reader().settings_history(Limit::new(page.limit)?.0).await?;
    Ok(Json(SettingsChanges { changes: changes.into_iter().map(SettingsChange::from).collect() }))
}
