//! Rules: which exchanges are recorded, and how much of them.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use dashcam_changes::Place;
use dashcam_filter::{Context, Filter};
use jiff::Zoned;
use serde::Deserialize;

use crate::api::settings::kept;
use crate::api::{Body, Path, Query};
use crate::app::App;
use crate::dto::{Rule, RuleAddition, RulesInForce, RulesReplacement};
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;

/// The rules in force, the first one first, with how many exchanges each has met.
#[utoipa::path(
    get,
    path = "/rules",
    operation_id = "rules",
    responses((status = OK, body = RulesInForce), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(State(app): State<App>) -> Json<RulesInForce> {
    Json(RulesInForce::of(&app.control))
}

/// Puts rules in the place of all there are, if nothing has changed since the caller read them.
#[utoipa::path(
    put,
    path = "/rules",
    operation_id = "replace_rules",
    request_body = RulesReplacement,
    responses((status = OK, body = RulesInForce), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn replace(
    State(app): State<App>,
    caller: Caller,
    Body(list): Body<RulesReplacement>,
) -> Result<Json<RulesInForce>, ApiError> {
    let rules = list.rules.into_iter().map(legible).collect::<Result<Vec<_>, _>>()?;
    kept(app.changes.replace_rules((caller.author().await, list.why), list.epoch, &rules)?).await?;
    Ok(Json(RulesInForce::of(&app.control)))
}

/// Adds a rule.
#[utoipa::path(
    post,
    path = "/rules",
    operation_id = "add_rule",
    request_body = RuleAddition,
    responses((status = OK, body = RulesInForce), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn add(
    State(app): State<App>,
    caller: Caller,
    Body(addition): Body<RuleAddition>,
) -> Result<Json<RulesInForce>, ApiError> {
    let place = match (addition.before, addition.first) {
        (Some(_), true) => {
            let message = "A rule can't stand both first and before another one: leave one of them out.";
            return Err(ApiError::new(Code::Invalid, message));
        }
        (Some(name), false) => Place::Before(name),
        (None, true) => Place::First,
        (None, false) => Place::Last,
    };
    let by = (caller.author().await, addition.why);
    kept(app.changes.add_rule(by, &legible(addition.rule)?, &place)?).await?;
    Ok(Json(RulesInForce::of(&app.control)))
}

/// The rule, if its filter can be read: the error has the place in it.
pub(super) fn legible(rule: Rule) -> Result<dashcam_control::Rule, ApiError> {
    let (now, presets) = (Zoned::now(), BTreeMap::new());
    let read = Filter::parse(&rule.r#match, &Context { now: &now, presets: &presets });
    match read {
        Ok(_) => Ok(rule.into()),
        Err(error) => Err(ApiError::from(error).of(&format!("Rule {}", rule.name))),
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Reason {
    /// The reason, for the history.
    pub(super) why: Option<String>,
}

/// Removes a rule.
#[utoipa::path(
    delete,
    path = "/rules/{name}",
    operation_id = "remove_rule",
    params(("name" = String, Path), Reason),
    responses((status = OK, body = RulesInForce), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn remove(
    State(app): State<App>,
    caller: Caller,
    Path(name): Path<String>,
    Query(Reason { why }): Query<Reason>,
) -> Result<Json<RulesInForce>, ApiError> {
    kept(app.changes.remove_rule((caller.author().await, why), &name)?).await?;
    Ok(Json(RulesInForce::of(&app.control)))
}
