//! Which rule an exchange meets, and why: a recorded one, or one that is described.

mod described;
mod words;

use axum::Json;
use axum::extract::State as Shared;
use dashcam_control::Policy;
use dashcam_exchange::State;
use dashcam_filter::{Client, Facts, Moment};

use crate::api::Body;
use crate::app::App;
use crate::dto::{RuleStep, RuleTest, RuleTested};
use crate::error::{ApiError, Code, ErrorBody};
use described::Described;

/// Tells which rule an exchange meets, when that is certain, and why. Nothing is counted, and no sample is asked.
#[utoipa::path(
    post,
    path = "/rules/test",
    operation_id = "test_rules",
    request_body = RuleTested,
    responses((status = OK, body = RuleTest), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn test(
    Shared(app): Shared<App>,
    Body(tested): Body<RuleTested>,
) -> Result<Json<RuleTest>, ApiError> {
    if let Some(id) = tested.exchange {
        if tested != (RuleTested { exchange: Some(id), ..RuleTested::default() }) {
            let message = "An exchange that was recorded needs no description: leave one of them out.";
            return Err(ApiError::new(Code::Invalid, message));
        }
        return recorded(&app, id).await;
    }
    let tested = words::read(tested).map_err(|message| ApiError::new(Code::Invalid, message))?;
    if tested == RuleTested::default() {
        let message = "Name a recorded exchange, or describe one: its method, URL, status, …";
        return Err(ApiError::new(Code::Invalid, message));
    }
    let described = Described::of(tested).map_err(|message| ApiError::new(Code::Invalid, message))?;
    Ok(answers(&app.control.policy(), &described.facts()))
}

/// A recorded exchange, as far as it has come.
async fn recorded(app: &App, id: i64) -> Result<Json<RuleTest>, ApiError> {
    let exchange = app.exchange(id).await?;
    let connection = match exchange.connection {
        Some(id) => app.store.reader().connection(id).await?,
        None => None,
    };
    let moment = match (exchange.state, &exchange.response) {
        (State::Open, None) => Moment::Request,
        (State::Open, Some(_)) => Moment::Response,
        _ => Moment::End,
    };
    let client = connection.as_ref().map(Client::from);
    let facts = Facts::of_exchange(&exchange, moment).with_client(client);
    Ok(answers(&app.control.policy(), &facts))
}

fn answers(policy: &Policy, facts: &Facts<'_>) -> Json<RuleTest> {
    let mut rules: Vec<_> = policy.explain(facts).into_iter().map(RuleStep::from).collect();
    // Those behind the one that decides are not asked.
    if let Some(decides) = rules.iter().position(|step| step.decides.is_some()) {
        rules.truncate(decides + 1);
    }
    Json(RuleTest { rules })
}
