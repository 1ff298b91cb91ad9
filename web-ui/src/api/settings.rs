//! The settings: read, changed, and their history.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use dashcam_changes::{InForce, Keeping, NotKept};
use dashcam_store::StoreError;
use serde::Deserialize;

use crate::api::{Body, Limit, Query, redaction};
use crate::app::App;
use crate::dto::{Settings, SettingsChange, SettingsChanges, SettingsInForce, SettingsPatch};
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;
use crate::role::Role;

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

/// Changes the settings, at once and for good. Rules of redaction are in force when it answers.
#[utoipa::path(
    patch,
    path = "/settings",
    operation_id = "change_settings",
    request_body = SettingsPatch,
    responses((status = OK, body = SettingsInForce), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn change(
    State(app): State<App>,
    caller: Caller,
    Body(patch): Body<SettingsPatch>,
) -> Result<Json<SettingsInForce>, ApiError> {
    if patch.redaction.is_some() && caller.role < Role::Admin {
        let message =
            format!("To change redaction needs the role admin, and you have the role {}.", caller.role);
        return Err(ApiError::new(Code::RoleNeeded, message));
    }
    if let Some(rules) = &patch.redaction {
        redaction::check(&app, rules)?;
    }
    let redacts = patch.redaction.is_some();
    let changed = app.changes.settings(caller.author().await, &patch.patch(), patch.why)?;
    let to = Arc::clone(&changed.change.to);
    kept(changed).await?;
    if redacts {
        redaction::wait(&app).await?;
    }
    Ok(Json(in_force(&app, &to)))
}

/// Waits until the history has a change.
pub(super) async fn kept(changed: InForce) -> Result<(), ApiError> {
    stored(changed.keeping).await
}

/// Waits until a change is stored.
pub(super) async fn stored(keeping: Keeping) -> Result<(), ApiError> {
    keeping.done().await.map_err(|error| {
        let what = match &error {
            NotKept::Refused(StoreError::NotOpen { .. }) => {
                "is in force, and is stored once the database is open"
            }
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
