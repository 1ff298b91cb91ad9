//! The size of an exchange as it is stored.

use dashcam_exchange::{Exchange, Level};

/// The bytes that are stored of `exchange` at `level`: of its heads as they came, and of its bodies at most `body_limit`
/// each.
pub(super) fn stored_bytes(exchange: &Exchange, level: Level, body_limit: u64) -> u64 {
    let request = exchange.request.method.len() + exchange.request.target.len();
    let response = exchange.response.as_ref().map_or(0, |head| head.headers.size());
    let heads = (request + exchange.request.headers.size() + response) as u64;
    let bodies = [&exchange.request_body, &exchange.response_body];
    let bodies = bodies.map(|body| if level == Level::Full { body.stored.min(body_limit) } else { 0 });
    heads + bodies.iter().sum::<u64>()
}
