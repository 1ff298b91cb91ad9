//! The moment at which a watcher began, so that it knows what it missed when it comes again.

use axum::body::Bytes;
use dashcam_exchange::ExchangeId;

use super::event;
use crate::dto::Position;

/// Ids in one event, which has at most 2 KiB.
const IDS: usize = 64;

/// The events for a watcher that began when `last` was the highest number, and `waiting` were not stored.
pub(super) fn events(last: ExchangeId, waiting: &[ExchangeId]) -> Vec<Bytes> {
    let parts = waiting.chunks(IDS).collect::<Vec<_>>();
    let parts = if parts.is_empty() { vec![waiting] } else { parts };
    let count = parts.len();
    let position = |(at, part): (usize, &[ExchangeId])| {
        let waiting = part.iter().map(|id| id.0).collect();
        event("position", Position { last: last.0, waiting, more: at + 1 < count })
    };
    parts.into_iter().enumerate().map(position).collect()
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::Live;

    use super::*;

    #[test]
    fn many_ids_are_several_small_events() {
        let last = ExchangeId(i64::MAX);
        for (count, expect) in [(0, 1), (1, 1), (64, 1), (65, 2), (200, 4)] {
            let events = events(last, &vec![last; count]);
            assert_eq!(events.len(), expect, "{count}");
            for (at, event) in events.iter().enumerate() {
                assert!(event.len() <= Live::LARGEST);
                let text = String::from_utf8_lossy(event);
                assert_eq!(text.contains("\"more\":true"), at + 1 < expect, "{text}");
            }
        }
    }
}
