//! Sealed secrets, put back into a request that is sent again. Nobody sees them: they go where they went before, and the
//! replay's own record is redacted again.

use dashcam_exchange::{Destination, Direction, Exchange, RequestHead};
use dashcam_views::unseal::{LostValue, lost_in_request, sealed_pieces_differ};

use crate::app::App;
use crate::audit::Subject;
use crate::error::{ApiError, Code};
use crate::principal::Caller;
use crate::unsealing::may_see;

/// A request that is to be sent.
pub(super) struct Sent<'r> {
    pub(super) destination: &'r Destination,
    pub(super) request: &'r mut RequestHead,
    pub(super) body: &'r mut Vec<u8>,
    /// True if the body is the recorded one.
    pub(super) is_recorded: bool,
}

/// Puts the secrets back.
///
/// # Errors
/// When one of them can't be, or the caller may not send them there: then none is.
pub(super) async fn put_back(
    app: &App,
    caller: &Caller,
    exchange: &Exchange,
    sent: Sent<'_>,
) -> Result<(), ApiError> {
    if exchange.redaction.is_none() {
        // What looks like a placeholder there was sent as it is.
        return Ok(());
    }
    let unsealer = app.unsealing(caller, (Subject::Exchanges(vec![exchange.id]), "replay"));
    let lost = lost_in_request(&unsealer, sent.request, sent.body).await?;
    if !lost.is_empty() {
        return Err(not_there(exchange, &lost));
    }
    if !may_see(caller) {
        check_way(app, exchange, &sent).await?;
    }
    let fault = |why| ApiError::new(Code::Internal, format!("The request can't be put together: {why}."));
    unsealer.request(sent.request).await?;
    *sent.body = unsealer.text(std::mem::take(sent.body)).await?;
    // A secret that was a part of a value may be none that can stand there: the recording may be edited by hand.
    sent.request.headers.check().map_err(|why| fault(why.to_string()))?;
    Ok(())
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
    let leaves = *sent.destination != exchange.destination;
    let has_sealed =
        || sealed_pieces_differ((&nothing(exchange), &[]), (&*sent.request, sent.body.as_slice()));
    let is_off = app.redaction.as_ref().is_none_or(|redaction| redaction.borrow().set.is_none());
    if !differs && !((leaves || is_off) && has_sealed()) {
        return Ok(());
    }
    let what = if is_off {
        "into the replay's record as they are, as redaction is off".to_owned()
    } else if leaves {
        format!("to {} and not to {}", sent.destination, exchange.destination)
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
