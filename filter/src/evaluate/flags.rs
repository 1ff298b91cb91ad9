//! Marks: `is:pinned`.

use dashcam_exchange::{RequestHead, State, Version};

use crate::evaluate::text::is_grpc;
use crate::known_facts::Facts;
use crate::names::{Flag, Names, SLOW_US};
use crate::truth::Truth;

/// Returns whether it has one of the marks.
pub(super) fn any(names: Names, facts: &Facts<'_>) -> Truth {
    let mut answer = Truth::False;
    let mut left = names.0;
    while left != 0 {
        let Some(flag) = Flag::ALL.get(left.trailing_zeros() as usize) else { break };
        left &= left - 1;
        match has(*flag, facts) {
            Truth::True => return Truth::True,
            Truth::Unknown => answer = Truth::Unknown,
            Truth::False => {}
        }
    }
    answer
}

fn has(flag: Flag, facts: &Facts<'_>) -> Truth {
    if !facts.known.contains(flag.needs()) {
        return early(flag, facts);
    }
    let is_it = match flag {
        Flag::Pinned => facts.marks.is_some_and(|marks| marks.pinned),
        Flag::Replay => facts.replay_of.is_some(),
        Flag::Truncated => facts.truncated == Some(true),
        Flag::Redacted => facts.redacted == Some(true),
        Flag::Refused => facts.state == Some(State::Refused),
        Flag::Slow => facts.duration_us.is_some_and(|duration| duration > SLOW_US),
        Flag::Error => facts.failure.is_some() || facts.state.is_some_and(is_bad_end),
        Flag::Answered => facts.status.is_some(),
        Flag::Unanswered => facts.status.is_none(),
        Flag::Asset => is_asset(facts),
        Flag::Websocket => is_web_socket(facts),
        Flag::Grpc => facts.request.is_some_and(is_grpc),
        Flag::Reused => facts.upstream.is_some_and(|upstream| upstream.reused),
        Flag::Http => true,
        Flag::Stub | Flag::NotHttp => false,
    };
    is_it.into()
}

/// The answer while not all that a mark depends on is known.
fn early(flag: Flag, facts: &Facts<'_>) -> Truth {
    match flag {
        Flag::Answered if facts.status.is_some() => Truth::True,
        Flag::Unanswered if facts.status.is_some() => Truth::False,
        Flag::Slow if facts.so_far.is_some_and(|so_far| so_far.duration_us > SLOW_US) => Truth::True,
        Flag::Grpc => facts.request.map_or(Truth::Unknown, |head| is_grpc(head).into()),
        // Not asked for: it will not become one.
        Flag::Websocket if facts.request.is_some_and(|head| !asks_for_web_socket(head)) => Truth::False,
        _ => Truth::Unknown,
    }
}

/// Returns whether an exchange in `state` ended otherwise than well.
pub(super) fn is_bad_end(state: State) -> bool {
    !matches!(state, State::Open | State::Complete)
}

/// mitmproxy's types of assets, anywhere in one of the response's content types.
fn is_asset(facts: &Facts<'_>) -> bool {
    const TYPES: [&[u8]; 7] = [
        b"text/javascript",
        b"application/x-javascript",
        b"application/javascript",
        b"text/css",
        b"image/",
        b"font/",
        b"application/font",
    ];
    let is_one = |value: &[u8]| TYPES.iter().any(|kind| memchr::memmem::find(value, kind).is_some());
    facts.response.is_some_and(|head| head.headers.all("content-type").any(is_one))
}

/// Returns whether a WebSocket was asked for, over HTTP/1.1 (RFC 6455) or HTTP/2 (RFC 8441).
fn asks_for_web_socket(head: &RequestHead) -> bool {
    match head.version {
        Version::Http2 => head.headers.has_token(":protocol", "websocket"),
        _ => head.headers.has_token("upgrade", "websocket"),
    }
}

fn is_web_socket(facts: &Facts<'_>) -> bool {
    let Some((head, status)) = facts.request.zip(facts.status) else { return false };
    let is_granted = status == 101 || head.version == Version::Http2 && (200..300).contains(&status);
    is_granted && asks_for_web_socket(head)
}
