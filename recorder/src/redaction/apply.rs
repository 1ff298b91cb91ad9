//! The texts of our own types in which secrets may stand, and what is left of a record on which redaction failed.

use dashcam_exchange::{
    BodyRecord, Connection, Direction, Exchange, Headers, Message, Program, ResponseHead, StoredAs, Summary,
};
use dashcam_redact::{On, Redactor};

use crate::recording::body_of;

/// Stands where everything was withheld.
const WITHHELD: &str = "/?withheld";

/// Redacts an exchange: its heads, and those of its bodies that are whole.
pub(crate) fn exchange(redactor: &mut Redactor<'_>, exchange: &mut Exchange) {
    for direction in [Direction::Request, Direction::Response] {
        let mut body = std::mem::take(body_of(exchange, direction));
        if body.parts == 0 && !body.rest.is_empty() {
            match exchange.headers(direction) {
                Some(headers) if body.stored_as == StoredAs::Sent => {
                    whole(redactor, direction, headers, &mut body);
                }
                // Another set has undone its codings.
                headers => {
                    let mut headers = headers.cloned().unwrap_or_default();
                    headers.remove("content-encoding");
                    whole(redactor, direction, &headers, &mut body);
                }
            }
        }
        *body_of(exchange, direction) = body;
    }
    redactor.heads(exchange);
}

fn whole(redactor: &mut Redactor<'_>, direction: Direction, headers: &Headers, body: &mut BodyRecord) {
    let found = redactor.whole_body((direction, headers), &body.rest, is_cut(body));
    if let Some((bytes, stored_as, is_cut)) = found {
        body.stored = bytes.len() as u64;
        body.rest = bytes;
        body.truncated |= is_cut;
        if stored_as != StoredAs::Sent {
            body.stored_as = stored_as;
        }
    }
}

/// Returns whether more of a body passed, or was to, than what is kept of it: it may end inside of a secret.
pub(crate) fn is_cut(body: &BodyRecord) -> bool {
    body.truncated || !body.complete
}

/// Redacts a row.
pub(crate) fn summary(redactor: &mut Redactor<'_>, summary: &mut Summary) {
    redactor.target(&mut summary.target);
    if let Some(failure) = &mut summary.failure {
        redactor.line(On::Response, &mut failure.message);
    }
}

/// Redacts a connection. Names of hosts and certificates are no secrets.
pub(crate) fn connection(redactor: &mut Redactor<'_>, connection: &mut Connection) {
    if let Some(failure) = &mut connection.failure {
        redactor.line(On::Response, &mut failure.message);
    }
    if let Some(found) = &mut connection.program {
        program(redactor, found);
    }
}

/// Redacts a program's command line.
pub(crate) fn program(redactor: &mut Redactor<'_>, program: &mut Program) {
    if let Some(command) = &mut program.command {
        redactor.line(On::Request, command);
    }
}

/// Leaves of `exchange` where it went, and what came of it.
pub(crate) fn strip(exchange: &mut Exchange) {
    strip_heads(exchange);
    for body in [&mut exchange.request_body, &mut exchange.response_body] {
        withhold(body);
    }
}

fn strip_heads(exchange: &mut Exchange) {
    exchange.request.headers = Headers::default();
    exchange.request.target = WITHHELD.to_owned();
    exchange.request_sent = None;
    exchange.interim = Vec::new();
    exchange.response_sent = None;
    if let Some(ResponseHead { headers, reason, .. }) = &mut exchange.response {
        (*headers, *reason) = (Headers::default(), String::new());
    }
    if let Some(failure) = &mut exchange.failure {
        failure.message = String::new();
    }
    for body in [&mut exchange.request_body, &mut exchange.response_body] {
        body.trailers = None;
    }
}

/// Stores nothing more of a body.
pub(crate) fn withhold(body: &mut BodyRecord) {
    body.stored -= (body.rest.len() as u64).min(body.stored);
    if !body.rest.is_empty() || body.parts > 0 {
        body.truncated = true;
        if body.stored == 0 {
            body.stored_as = StoredAs::Withheld;
        }
    }
    body.rest = Vec::new();
}

/// Leaves of a row where it went, and what came of it.
pub(crate) fn strip_summary(summary: &mut Summary) {
    summary.target = WITHHELD.to_owned();
    if let Some(failure) = &mut summary.failure {
        failure.message = String::new();
    }
}

/// Leaves nothing of a message but that it passed.
pub(crate) fn withhold_message(message: &mut Message) {
    (message.data, message.coding, message.redacted) = (Vec::new(), None, true);
}

/// Takes all that a connection's texts could have.
pub(crate) fn strip_connection(connection: &mut Connection) {
    if let Some(failure) = &mut connection.failure {
        failure.message = String::new();
    }
    if let Some(program) = &mut connection.program {
        program.command = None;
    }
}
