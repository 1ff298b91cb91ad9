//! Moments of a watcher's stream, so that it knows what it missed when it comes again, and what it may forget.

use std::sync::Arc;

use axum::body::Bytes;
use dashcam_exchange::ExchangeId;
use dashcam_recorder::Event;
use tokio::sync::broadcast::Receiver;

use super::told::event;
use crate::app::App;
use crate::dto::Position;

/// Ids in one event, which has at most 2 KiB.
const IDS: usize = 64;

/// Events from one position to the next: a watcher has so many exchanges to remember, and those that are not stored.
const APART: usize = 1024;

/// The positions of one stream, as they become due.
#[derive(Debug)]
pub(super) struct Positions {
    /// The store's numbers were known, and the first position was sent.
    has_begun: bool,
    /// Events since the last position.
    passed: usize,
    /// The next position, and how many of the events that were published before it have not passed yet.
    taken: Option<(Vec<Bytes>, usize)>,
}

impl Positions {
    /// The first position comes at once; without the store's numbers, before the first event once they are known. Call this
    /// before the stream hears events.
    pub(super) fn begin(app: &App) -> (Option<Self>, Vec<Bytes>) {
        let first = now(app);
        let positions = Self { has_begun: first.is_some(), passed: 0, taken: None };
        (Some(positions), first.unwrap_or_default())
    }

    /// The position that stands before the next event, if one does.
    pub(super) fn before_next(&mut self, app: &App) -> Vec<Bytes> {
        let Some(first) = app.recorder.first_exchange().filter(|_| !self.has_begun) else {
            return Vec::new();
        };
        self.has_begun = true;
        // No exchange began before.
        events(&position(app, first, ExchangeId(first.0 - 1)), &[])
    }

    /// The position that follows an event, if one does. It is due once all that was published before it has passed, so that
    /// no exchange that it counts as stored is told of after it.
    pub(super) fn after_next(&mut self, app: &App, queue: &Receiver<Arc<Event>>) -> Vec<Bytes> {
        self.passed += 1;
        match &mut self.taken {
            Some((_, left)) => *left = left.saturating_sub(1),
            None if self.passed < APART => {}
            None => self.taken = now(app).map(|position| (position, queue.len())),
        }
        let Some((position, _)) = self.taken.take_if(|(_, left)| *left == 0) else { return Vec::new() };
        self.passed = 0;
        position
    }
}

/// The position of this moment, if the store's numbers are known.
fn now(app: &App) -> Option<Vec<Bytes>> {
    let first = app.recorder.first_exchange()?;
    // The number first: exchanges that begin in between are beyond it.
    let last = app.recorder.last_exchange();
    Some(events(&position(app, first, last), &app.recorder.not_stored()))
}

fn position(app: &App, first: ExchangeId, last: ExchangeId) -> Position {
    let started_at = app.started_at.into();
    Position { started_at, first: first.0, last: last.0, waiting: Vec::new(), more: false }
}

/// The events that tell `position`, with those that are `waiting`.
fn events(position: &Position, waiting: &[ExchangeId]) -> Vec<Bytes> {
    let parts = waiting.chunks(IDS).collect::<Vec<_>>();
    let parts = if parts.is_empty() { vec![waiting] } else { parts };
    let count = parts.len();
    let part = |(at, part): (usize, &[ExchangeId])| {
        let waiting = part.iter().map(|id| id.0).collect();
        event("position", Position { waiting, more: at + 1 < count, ..position.clone() })
    };
    parts.into_iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{Live, Timestamp};

    use super::*;

    #[test]
    fn many_ids_are_several_small_events() {
        let last = ExchangeId(i64::MAX);
        let position = Position {
            started_at: Timestamp(i64::MAX).into(),
            first: i64::MAX,
            last: i64::MAX,
            waiting: Vec::new(),
            more: false,
        };
        for (count, expect) in [(0, 1), (1, 1), (64, 1), (65, 2), (200, 4)] {
            let events = events(&position, &vec![last; count]);
            assert_eq!(events.len(), expect, "{count}");
            for (at, event) in events.iter().enumerate() {
                assert!(event.len() <= Live::LARGEST);
                let text = String::from_utf8_lossy(event);
                assert_eq!(text.contains("\"more\":true"), at + 1 < expect, "{text}");
            }
        }
    }
}
