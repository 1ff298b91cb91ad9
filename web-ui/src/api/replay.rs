//! A recorded request, sent again as it was or with edits.

mod in_clear;
mod put_back;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_control::Rule;
use dashcam_exchange::{Destination, Direction, Exchange, Headers, RequestHead, Scheme, StoredAs, Version};
use dashcam_proxy::{Replay, ReplayError};
use dashcam_views::dto::{ReplayEdits, Replayed};
use dashcam_views::edit;

use crate::api::Path;
use crate::app::App;
use crate::audit::Action;
use crate::error::{ApiError, Code, ErrorBody};
use crate::page::bounds::Bounds;
use crate::principal::Caller;
use crate::read_only;
use in_clear::SetName;
use put_back::Sent;

/// The largest call: an edited body comes with the call, in base64 at the worst.
pub(super) const LARGEST_CALL: usize = 96 << 20;

/// The largest recorded body that is sent again: it is held in memory.
const LARGEST_BODY: u64 = 256 << 20;

/// Sends a recorded request again; answers as soon as the new exchange has begun.
#[utoipa::path(
    post,
    path = "/exchanges/{id}/replay",
    operation_id = "replay",
    params(("id" = i64, Path)),
    request_body = Option<ReplayEdits>,
    responses((status = CREATED, body = Replayed), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn replay(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<i64>,
    Extension(bounds): Extension<Arc<Bounds>>,
    call: Request,
) -> Result<(StatusCode, Json<Replayed>), ApiError> {
    // Before the call's body is in memory, and until the replay has ended.
    let place = bounds.replays.take()?;
    let headers = call.headers().clone();
    let edits = edits(&headers, &Bytes::from_request(call, &()).await?)?;
    let exchange = app.exchange(id).await?;
    if exchange.state == dashcam_exchange::State::Refused {
        let message =
            format!("dashcam refused the request of exchange {id}: there is none that can be sent.");
        return Err(ApiError::new(Code::Conflict, message));
    }
    let (destination, mut request) =
        edit::apply(&exchange, &edits).map_err(|why| ApiError::new(Code::Invalid, why))?;
    let (unseals, consents, edited) =
        (edits.unseal != Some(false), edits.unseal == Some(true), is_edited(&edits));
    let (mut body, is_recorded) = match given_body((edits.body, edits.body_base64))? {
        Some(body) => (body, false),
        None => (recorded_body(&app, &exchange).await?, true),
    };
    if is_recorded && exchange.request_body.stored_as == StoredAs::Redacted {
        without_coding(&mut request);
    }
    let (reached, server_name) = same_upstream(&app, &exchange, destination.clone()).await?;
    let sets = sets_of(&exchange, &app.control.settings().rules);
    let redaction = if unseals {
        let (way, request, body) = ((&destination, &*reached.host), &mut request, &mut body);
        let sent = Sent { way, request, body, is_recorded, consents, sets };
        put_back::put_back(&app, &caller, &exchange, sent).await?
    } else {
        sets.into_iter().next().flatten()
    };
    let (destination, prior_knowledge) = (reached, knew_http2(&exchange));
    let of = Some(exchange.id);
    let replay = Replay { of, redaction, destination, server_name, request, body, prior_knowledge };
    let replayer = app.replayer.as_ref().ok_or_else(|| read_only::refusal(&app))?;
    let begun = replayer.replay(replay, place);
    let new = begun.map_err(|error| not_begun(&error))?;
    app.audit.note(&caller, Action::Replay { of: exchange.id, new, edited });
    Ok((StatusCode::CREATED, Json(Replayed { id: new.0 })))
}

/// The sets of redaction for a replay, the first one first: the one that the exchange's rule names. Where there is no such
/// rule any more, and for a replay of a replay, it is the one that was in force for the exchange. The others stand in for it
/// where it doesn't find the exchange's secrets: those that were in force then, or that the exchange was redacted by since.
fn sets_of(exchange: &Exchange, rules: &[Rule]) -> Vec<SetName> {
    let label = exchange.redaction.as_ref().map_or("", |redaction| &*redaction.set);
    let names =
        label.split('+').filter_map(|part| part.split_once('@')).map(|(name, _)| Some(Arc::from(name)));
    let rule = rules.iter().find(|rule| Some(rule.name.as_str()) == exchange.rule.as_deref());
    let was_named = exchange.rule.is_some() || exchange.replay_of.is_some();
    let mut sets: Vec<SetName> = match rule {
        Some(rule) => vec![rule.redaction.as_deref().map(Arc::from)],
        None if was_named && label.contains('@') => Vec::new(),
        None => vec![None],
    };
    sets.extend(names);
    sets
}

fn is_edited(edits: &ReplayEdits) -> bool {
    let ReplayEdits { method, url, headers, set_headers, body, body_base64, unseal: _ } = edits;
    let texts = [method, url, body, body_base64];
    headers.is_some() || set_headers.is_some() || texts.into_iter().any(Option::is_some)
}

/// Drops what describes a body as it passed, and not as it is stored: its coding, and digests of that.
fn without_coding(request: &mut RequestHead) {
    let is_coded = request.headers.tokens("content-encoding").any(|coding| coding != b"identity");
    if is_coded {
        for name in ["content-encoding", "content-md5", "digest", "content-digest", "repr-digest"] {
            request.headers.remove(name);
        }
    }
}

/// Returns whether the request was passed on over HTTP/2 without TLS.
fn knew_http2(exchange: &Exchange) -> bool {
    let sent = exchange.request_sent.as_ref().unwrap_or(&exchange.request);
    sent.version == Version::Http2 && exchange.destination.scheme == Scheme::Http
}

pub(super) fn not_begun(why: &ReplayError) -> ApiError {
    match why {
        ReplayError::NoRoom => ApiError::new(Code::Unavailable, format!("{why}.")),
        ReplayError::Illegal(_) => ApiError::new(Code::Invalid, format!("{why}. Edit it and send it again.")),
    }
}

/// Where the request goes, and the name that the upstream was asked for by SNI, which may not be that of the CONNECT: an
/// upstream that is still the same one is to prove it again. If the CONNECT named an address, it is at that one.
async fn same_upstream(
    app: &App,
    exchange: &Exchange,
    destination: Destination,
) -> Result<(Destination, Option<String>), ApiError> {
    if destination != exchange.destination {
        return Ok((destination, None));
    }
    let Some(connection) = app.upstream_of(exchange).await? else { return Ok((destination, None)) };
    let connected = Destination::parse(destination.scheme, &connection.destination).ok();
    let destination = connected.filter(|connected| connected.ip().is_some()).unwrap_or(destination);
    Ok((destination, connection.tls.and_then(|tls| tls.sni)))
}

/// The edits in a call's body, if it has one. Only JSON is taken: a form on another page cannot send that.
fn edits(headers: &HeaderMap, call: &[u8]) -> Result<ReplayEdits, ApiError> {
    if call.is_empty() {
        return Ok(ReplayEdits::default());
    }
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media_type.split(';').next().map(str::trim) != Some("application/json") {
        return Err(ApiError::bad_request("Send the edits as JSON, with Content-Type: application/json."));
    }
    serde_json::from_slice(call).map_err(|error| {
        let code = if error.is_data() { Code::Invalid } else { Code::BadRequest };
        ApiError::new(code, format!("The edits cannot be read: {error}."))
    })
}

pub(super) fn given_body(body: (Option<String>, Option<String>)) -> Result<Option<Vec<u8>>, ApiError> {
    match body {
        (Some(_), Some(_)) => Err(ApiError::new(Code::Invalid, "Give body or body_base64, not both.")),
        (Some(text), None) => Ok(Some(text.into_bytes())),
        (None, Some(text)) => match STANDARD.decode(text) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) => Err(ApiError::new(Code::Invalid, format!("body_base64 is not base64: {error}."))),
        },
        (None, None) => Ok(None),
    }
}

async fn recorded_body(app: &App, exchange: &Exchange) -> Result<Vec<u8>, ApiError> {
    let record = &exchange.request_body;
    let id = exchange.id;
    // A request without a body need not have been seen to its end.
    let ended = record.complete || (record.size == 0 && !announces_body(&exchange.request.headers));
    if record.stored_as == StoredAs::Withheld {
        let message =
            format!("The request's body of exchange {id} is withheld by redaction: give the body to send.");
        return Err(ApiError::new(Code::Conflict, message));
    }
    let is_short = record.stored_as == StoredAs::Sent && record.stored < record.size;
    if record.truncated || !ended || is_short {
        let message = format!(
            "{} of the {} bytes of the request's body of exchange {id} are stored: give the body to send.",
            record.stored, record.size
        );
        return Err(ApiError::new(Code::Conflict, message));
    }
    if record.stored > LARGEST_BODY {
        let message =
            format!("The body of exchange {id} is too large to be sent again: use the curl command.");
        return Err(ApiError::new(Code::TooLarge, message));
    }
    let body = app.body(exchange, Direction::Request).await?.gathered(None).await?;
    if body.len() as u64 != record.stored {
        let message = format!(
            "{} of the {} bytes of the request's body of exchange {id} can be read now: try again.",
            body.len(),
            record.stored
        );
        return Err(ApiError::new(Code::Unavailable, message));
    }
    Ok(body)
}

fn announces_body(headers: &Headers) -> bool {
    headers.contains("transfer-encoding")
        || headers.text("content-length").is_some_and(|length| length != "0")
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{ExchangeId, Redaction, sample};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_replay_is_under_the_set_of_its_originals_rule() {
        let rule = |redaction: Option<&str>| -> Rule {
            let rule = json!({"name": "pay", "match": "", "level": "full", "redaction": redaction});
            serde_json::from_value(rule).unwrap()
        };
        let mut exchange = sample::exchange(1);
        let check = |exchange: &Exchange, rules: &[Rule], expect: Option<&str>| {
            let first = sets_of(exchange, rules).into_iter().next().flatten();
            assert_eq!(first.as_deref(), expect);
        };
        exchange.redaction = Some(Redaction { set: "payments@1a2b3c4d".into(), replaced: 1 });
        check(&exchange, &[rule(Some("strict"))], None);
        exchange.rule = Some("pay".into());
        check(&exchange, &[rule(Some("strict"))], Some("strict"));
        check(&exchange, &[rule(None)], None);
        check(&exchange, &[], Some("payments"));
        exchange.rule = None;
        exchange.replay_of = Some(ExchangeId(3));
        check(&exchange, &[], Some("payments"));
        exchange.redaction = Some(Redaction { set: "a@1a2b3c4d+b@1a2b3c4d".into(), replaced: 1 });
        assert_eq!(sets_of(&exchange, &[]), [Some("a".into()), Some("b".into())]);
        exchange.replay_of = None;
        assert_eq!(sets_of(&exchange, &[]), [None, Some("a".into()), Some("b".into())]);
    }
}
