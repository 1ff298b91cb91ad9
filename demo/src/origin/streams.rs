//! Server-sent events.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use crate::chance::Chance;
use crate::goods::PRODUCTS;
use crate::origin::answer::{Answer, pieces, with};

/// How far apart events are, and how many there are.
const APART: Duration = Duration::from_millis(400);
const EVENTS: u64 = 10;

/// Changes of the stock from event `from` on.
pub(super) fn stock(from: u64) -> Answer {
    let mut chance = Chance::new(from);
    let mut event = |id: u64| {
        let change = json!({"product": 1 + chance.below(PRODUCTS), "berlin": chance.below(40), "lisbon": chance.below(40)});
        Bytes::from(format!("id: {id}\nevent: stock\ndata: {change}\n\n"))
    };
    let mut all = vec![Bytes::from_static(b"retry: 3000\n: the stock as it changes\n\n")];
    all.extend((from..from + EVENTS).map(&mut event));
    with(pieces("text/event-stream", all, APART, None), &[("cache-control", "no-store")])
}
