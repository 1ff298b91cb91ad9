//! One value of an exchange, redacted there, everywhere, or from now on.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use dashcam_control::Patch;
use dashcam_exchange::ExchangeId;
use dashcam_redact::{Definitions, Rule, Set};
use dashcam_store::Rewrite;
use dashcam_views::dto::RedactionPart;
use dashcam_views::selection::Redacted;
use dashcam_views::stored_redaction::{Outcome, chosen_value};

use super::{by, definitions};
use crate::api::selection::Chosen;
use crate::api::settings::kept;
use crate::api::{Body, Path, redaction};
use crate::app::App;
use crate::audit::{Action, Subject};
use crate::dto::{RedactionScope, ValueRedaction};
use crate::error::{ApiError, Code, ErrorBody};
use crate::principal::Caller;

/// Every exchange.
const ALL: &str = "~all";

/// Redacts a value of an exchange: in this exchange (`here`), wherever stored exchanges have the same value (`everywhere`: a
/// call takes about two seconds, and then answers with `next_after`, which the next one gives as `after`), or, at the same
/// place, in what comes (`from_now_on`). The value may still lie in unused parts of the database's files: behind the last
/// call, `POST /redactions/scrub` leaves nothing of it there.
#[utoipa::path(
    post,
    path = "/exchanges/{id}/redact",
    operation_id = "redact_value",
    params(("id" = i64, Path)),
    request_body = ValueRedaction,
    responses((status = OK, body = RedactionPart), (status = "4XX", body = ErrorBody))
)]
pub(crate) async fn redact_value(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<i64>,
    Body(asked): Body<ValueRedaction>,
) -> Result<Json<RedactionPart>, ApiError> {
    let id = ExchangeId(id);
    let rule = chosen_value::rule(&asked.place).map_err(invalid)?;
    let definitions = definitions(&app)?;
    app.wait_for(id).await?;
    app.exchange(id.0).await?;
    let part = match asked.scope {
        RedactionScope::Here => here(&app, &definitions, (id, rule), asked.dry_run).await?,
        RedactionScope::Everywhere => everywhere(&app, &definitions, (id, rule), &asked).await?,
        RedactionScope::FromNowOn if asked.dry_run => RedactionPart::default(),
        RedactionScope::FromNowOn => from_now_on(&app, caller.clone(), rule).await?,
    };
    if asked.dry_run {
        return Ok(Json(part));
    }
    let of = match asked.scope {
        RedactionScope::Here | RedactionScope::FromNowOn => Subject::Exchanges(vec![id]),
        RedactionScope::Everywhere => Subject::All,
    };
    app.audit.note(&caller, Action::Redact { of, set: asked.place, replaced: part.values() });
    Ok(Json(part))
}

fn invalid(message: String) -> ApiError {
    ApiError::new(Code::Invalid, message)
}

/// The values that a rule finds in one exchange, and what is to be stored there instead.
async fn found(
    app: &App,
    definitions: &Definitions,
    (id, rule): (ExchangeId, Rule),
) -> Result<(Redacted, Box<Rewrite>), ApiError> {
    let set = chosen_value::set_of(vec![rule], definitions).map_err(|fault| invalid(format!("{fault}.")))?;
    let by = by(app, definitions, (set, false))?;
    match by.of(id, dashcam_recorder::now()).await? {
        Outcome::Found(findings, Some(rewrite)) => {
            let mut redacted = Redacted::default();
            redacted.note(id, findings);
            Ok((redacted, rewrite))
        }
        Outcome::Found(_, None) | Outcome::Done => Err(ApiError::new(
            Code::Conflict,
            format!("There is no value at this place of exchange {id}, or it is redacted already."),
        )),
        Outcome::LeftOut => Err(ApiError::new(
            Code::Conflict,
            format!("Exchange {id} is under way: redact it once it has ended."),
        )),
        Outcome::TooLarge => Err(ApiError::new(
            Code::TooLarge,
            format!("Exchange {id} is too large to be redacted: delete it."),
        )),
        Outcome::Failed => Err(ApiError::new(
            Code::Internal,
            format!("Redaction failed on exchange {id}, which is left as it is: this is a bug of dashcam."),
        )),
    }
}

async fn here(
    app: &App,
    definitions: &Definitions,
    of: (ExchangeId, Rule),
    is_dry: bool,
) -> Result<RedactionPart, ApiError> {
    let (redacted, rewrite) = found(app, definitions, of).await?;
    if !is_dry {
        app.store.admin().rewrite(vec![*rewrite]).await?;
        app.store.admin().finish_deleting().await?;
    }
    Ok(RedactionPart::new("", redacted, true))
}

/// Goes through all exchanges; the one that says which value it is comes last, so that the next call finds it there.
async fn everywhere(
    app: &App,
    definitions: &Definitions,
    (id, rule): (ExchangeId, Rule),
    asked: &ValueRedaction,
) -> Result<RedactionPart, ApiError> {
    let set = set_of_value(app, definitions, (id, rule)).await?;
    let by = by(app, definitions, (set, false))?;
    let others = Chosen::of(app, &format!("{ALL} and not id:{id}"), ((None, None), asked.after)).await?;
    let mut redacted = others.redact(app, &by, asked.dry_run).await?;
    if redacted.next.is_none()
        && let Outcome::Found(findings, Some(rewrite)) = by.of(id, dashcam_recorder::now()).await?
    {
        if !asked.dry_run {
            app.store.admin().rewrite(vec![*rewrite]).await?;
        }
        redacted.note(id, findings);
    }
    if !asked.dry_run {
        app.store.admin().finish_deleting().await?;
    }
    Ok(RedactionPart::new("", redacted, false))
}

/// A set that finds what the rule finds in one exchange, wherever it stands.
async fn set_of_value(
    app: &App,
    definitions: &Definitions,
    of: (ExchangeId, Rule),
) -> Result<Arc<Set>, ApiError> {
    let (_, rewrite) = found(app, &sealing(definitions), of).await?;
    let keys = app.redaction_keys.as_ref();
    let opened = rewrite.seals.iter().filter_map(|seal| keys?.open(&seal.id, &seal.sealed));
    let rules: Vec<Rule> =
        opened.map(|value| chosen_value::rule_of_value(&value)).collect::<Result<_, _>>().map_err(invalid)?;
    if rules.is_empty() {
        return Err(invalid("The value can't be searched for: redact it here alone.".to_owned()));
    }
    chosen_value::set_of(rules, definitions)
        .map_err(|_| invalid("The value can't be searched for: redact it here alone.".to_owned()))
}

/// The same definitions, but they seal: in memory, to learn the value.
fn sealing(definitions: &Definitions) -> Definitions {
    let seal_for = definitions.seal_for.max(Duration::from_mins(1));
    Definitions { no_seal: false, seal_for, ..definitions.clone() }
}

/// Adds the rule to the settings: for this place, and not for the value, which would stand there.
async fn from_now_on(app: &App, caller: Caller, rule: Rule) -> Result<RedactionPart, ApiError> {
    let mut rules = app.control.settings().redaction.clone();
    if !rules.contains(&rule) {
        rules.insert(0, rule);
        redaction::check(app, &rules)?;
        let patch = Patch { redaction: Some(rules), ..Patch::default() };
        kept(app.changes.settings(caller.author().await, &patch, Some("redact from now on".to_owned()))?)
            .await?;
        redaction::wait(app).await?;
    }
    Ok(RedactionPart::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_learned_where_nothing_is_sealed() {
        for definitions in [
            Definitions { seal_for: Duration::ZERO, ..Definitions::default() },
            Definitions { no_seal: true, ..Definitions::default() },
        ] {
            let sealing = sealing(&definitions);
            assert!(!sealing.no_seal && !sealing.seal_for.is_zero());
        }
    }
}
