//! Sealed secrets, put back into a request that is sent again. Nobody sees them: they go where they went before, and the
//! replay's own record is redacted again.

use std::sync::Arc;

use dashcam_exchange::{Destination, Direction, Exchange, RequestHead};
use dashcam_redact::guarded;
use dashcam_views::unseal::{LostValue, Unsealer, lost_in_request, sealed_pieces_differ};
use tokio::task::spawn_blocking;

use super::in_clear::{Filled, SetName};
use crate::app::App;
use crate::audit::Subject;
use crate::error::{ApiError, Code};
use crate::principal::Caller;
use crate::unsealing::may_see;

/// A request that is to be sent.
pub(super) struct Sent<'r> {
    /// The destination that is asked for, and the host that is connected to.
    pub(super) way: (&'r Destination, &'r str),
    pub(super) request: &'r mut RequestHead,
    pub(super) body: &'r mut Vec<u8>,
    /// True if the body is the recorded one.
    pub(super) is_recorded: bool,
    /// True if the caller said that secrets are to be put back, whatever comes of it.
    pub(super) consents: bool,
    /// The sets that may be in force for the replay; the first one is, where it finds all secrets again.
    pub(super) sets: Vec<SetName>,
}

/// Puts the secrets back. Returns the set that is to be in force for the replay.
///
/// # Errors
/// When one of them can't be, the caller may not send them there, or the replay's record would have one in clear: then none
/// is.
pub(super) async fn put_back(
    app: &App,
    caller: &Caller,
    exchange: &Exchange,
    sent: Sent<'_>,
) -> Result<SetName, ApiError> {
    if exchange.redaction.is_none() {
        // What looks like a placeholder there was sent as it is.
        return Ok(sent.sets.first().cloned().flatten());
    }
    let unsealer = app.unsealing(caller, (Subject::Exchanges(vec![exchange.id]), "replay"));
    let lost = lost_in_request(&unsealer, sent.request, sent.body).await?;
    if !lost.is_empty() {
        return Err(not_there(exchange, &lost));
    }
    if !may_see(caller) {
        check_way(app, exchange, &sent).await?;
    }
    let set = set_of_record(app, caller, exchange, &sent).await?;
    let fault = |why| ApiError::new(Code::Internal, format!("The request can't be put together: {why}."));
    unsealer.request(sent.request).await?;
    *sent.body = unsealer.text(std::mem::take(sent.body)).await?;
    // A secret that was a part of a value may be none that can stand there: the recording may be edited by hand.
    sent.request.headers.check().map_err(|why| fault(why.to_string()))?;
    Ok(set)
}

/// The set under which the replay's record has no secret in clear. While redaction is off, and where an admin consents, it is
/// the first one, whatever it finds.
async fn set_of_record(
    app: &App,
    caller: &Caller,
    exchange: &Exchange,
    sent: &Sent<'_>,
) -> Result<SetName, ApiError> {
    let first = sent.sets.first().cloned().flatten();
    let (Some(definitions), Some(keys)) = (&app.redaction_definitions, app.redaction_keys.clone()) else {
        return Ok(first);
    };
    if is_off(app) || (sent.consents && may_see(caller)) {
        return Ok(first);
    }
    // What it puts back is nobody's, and no use of secrets.
    let unsealer = Unsealer::new(app.store.reader(), Some(Arc::clone(&keys)));
    let of = (exchange, sent.way.1);
    let filled = Filled::new(&unsealer, of, (&*sent.request, sent.body.clone())).await?;
    let (definitions, sets) = (definitions(), sent.sets.clone());
    // Long bodies take a while, and nobody else is to wait for them. A panic's message may have a secret in it.
    let chosen = spawn_blocking(move || guarded(|| filled.set(&definitions, &keys, &sets))).await;
    let failed = |why: String| ApiError::new(Code::Internal, format!("Nothing was sent: {why}."));
    match chosen {
        Ok(Some(Ok(Ok(set)))) => Ok(set),
        Ok(Some(Ok(Err(place)))) => Err(in_clear(exchange, &place, may_see(caller))),
        Ok(Some(Err(fault))) => Err(failed(fault.to_string())),
        Ok(None) | Err(_) => Err(failed("redaction failed on the request".to_owned())),
    }
}

fn is_off(app: &App) -> bool {
    app.redaction.as_ref().is_none_or(|redaction| redaction.borrow().set.is_none())
}

fn in_clear(exchange: &Exchange, place: &str, is_admin: bool) -> ApiError {
    let or = if is_admin {
        "or set `unseal` to true to have it recorded so"
    } else {
        "or ask an admin to send it"
    };
    let message = format!(
        "Nothing was sent: a sealed secret of exchange {} ({place}) would be in clear in the replay's record, as the set of \
         redaction in force does not find it there. Name the set that does (`redaction` of the recording rule), add a rule \
         to it, give the value yourself in a header (`set_headers`), send the placeholders as they are (--redacted, or \
         `unseal`: false), {or}.",
        exchange.id
    );
    ApiError::new(Code::Conflict, message)
}

/// Checks that secrets go only to the recorded destination, in the places where they were recorded: the server that gets
/// them knows them, and redaction takes them out of the replay's record again.
async fn check_way(app: &App, exchange: &Exchange, sent: &Sent<'_>) -> Result<(), ApiError> {
    let body = match sent.is_recorded {
        true => sent.body.clone(),
        false => {
            app.body(exchange, Direction::Request).await?.gathered(Some(sent.body.len() as u64 + 1)).await?
        }
    };
    let differs = sealed_pieces_differ((&exchange.request, &body), (&*sent.request, sent.body.as_slice()));
    let leaves = *sent.way.0 != exchange.destination;
    let has_sealed =
        || sealed_pieces_differ((&nothing(exchange), &[]), (&*sent.request, sent.body.as_slice()));
    let is_off = is_off(app);
    if !differs && !((leaves || is_off) && has_sealed()) {
        return Ok(());
    }
    let what = if is_off {
        "into the replay's record as they are, as redaction is off".to_owned()
    } else if leaves {
        format!("to {} and not to {}", sent.way.0, exchange.destination)
    } else {
        "in other places than those where they were recorded".to_owned()
    };
    let message = format!(
        "Sealed secrets of exchange {} would go {what}, which needs the role admin. Send them as they were recorded, or set \
         `unseal` to false to send their placeholders.",
        exchange.id
    );
    Err(ApiError::new(Code::RoleNeeded, message))
}

/// The request without anything that could be sealed.
fn nothing(exchange: &Exchange) -> RequestHead {
    RequestHead {
        target: String::new(),
        headers: dashcam_exchange::Headers::default(),
        ..exchange.request.clone()
    }
}

fn not_there(exchange: &Exchange, lost: &[LostValue]) -> ApiError {
    let list: Vec<String> = lost.iter().map(LostValue::to_string).collect();
    let message = format!(
        "Nothing was sent: exchange {} has secrets that can't be put back: {}. Give them yourself (`dashcam replay {0} \
         --with-header 'Authorization: $TOKEN'`, or `set_headers`, `url` and `body` in the call), or send the placeholders \
         as they are (--redacted, or `unseal`: false).",
        exchange.id,
        list.join("; ")
    );
    ApiError::new(Code::Conflict, message)
}
