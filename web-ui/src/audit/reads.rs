//! Reads of exchanges: many calls read the parts of one, and are one entry.

use std::collections::HashMap;
use std::time::Duration;

use dashcam_exchange::ExchangeId;
use tokio::time::Instant;

use crate::principal::Caller;

/// How long reads of an exchange by a caller are one entry.
const TOGETHER: Duration = Duration::from_secs(60);
/// The most that are remembered: beyond it some get a second entry.
const MOST: usize = 4096;

/// A part of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Its heads and facts.
    Detail,
    /// One of its bodies.
    Body,
    /// Its messages.
    Messages,
    /// The curl command that repeats it, with its request's body.
    Curl,
    /// A snippet of a program that repeats it, likewise.
    Snippet,
}

impl Part {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Detail, "detail"),
        (Self::Body, "body"),
        (Self::Messages, "messages"),
        (Self::Curl, "curl"),
        (Self::Snippet, "snippet"),
    ];
}

/// A set of parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts(u8);

impl Parts {
    fn and(self, part: Part) -> Self {
        Self(self.0 | 1 << part as u8)
    }

    /// Their names.
    pub(super) fn names(self) -> Vec<&'static str> {
        let all = Part::ALL.into_iter().filter(|(part, _)| self.and(*part) == self);
        all.map(|(_, name)| name).collect()
    }
}

/// A read, and the reads that are one with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Read {
    since: Instant,
    /// The name of its entry.
    pub(super) ticket: u64,
    pub(super) parts: Parts,
}

/// The reads of the last minute.
#[derive(Debug, Default)]
pub(super) struct Reads(HashMap<(Caller, ExchangeId), Read>);

impl Reads {
    /// Notes a read at a time, with a new ticket if it needs an entry of its own: the read, and whether it does. `None` if its
    /// entry has it already.
    pub(super) fn note(
        &mut self,
        (caller, exchange): (&Caller, ExchangeId),
        part: Part,
        (now, ticket): (Instant, impl FnOnce() -> u64),
    ) -> Option<(Read, bool)> {
        let is_recent = |read: &Read| now.saturating_duration_since(read.since) < TOGETHER;
        let key = (caller.clone(), exchange);
        if let Some(read) = self.0.get_mut(&key).filter(|read| is_recent(read)) {
            let before = read.parts;
            read.parts = before.and(part);
            return (read.parts != before).then_some((*read, false));
        }
        if self.0.len() >= MOST {
            self.0.retain(|_, read| is_recent(read));
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let read = Read { since: now, ticket: ticket(), parts: Parts::default().and(part) };
        self.0.insert(key, read);
        Some((read, true))
    }

    /// Forgets the reads of an exchange by a caller: the next one gets an entry.
    pub(super) fn forget(&mut self, caller: &Caller, exchange: ExchangeId) {
        self.0.remove(&(caller.clone(), exchange));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn reads_of_a_minute_are_one_entry_that_names_the_parts() {
        let (mut reads, start) = (Reads::default(), Instant::now());
        let (page, cli) = (Caller::of_page("a session"), Caller::of_page("another"));
        let mut tickets = 0;
        let mut note = |caller: &Caller, id, part, seconds| {
            let now = start + Duration::from_secs(seconds);
            let ticket = || {
                tickets += 1;
                tickets
            };
            let read = reads.note((caller, ExchangeId(id)), part, (now, ticket));
            read.map(|(read, is_new)| (read.ticket, read.parts.names(), is_new))
        };
        assert_eq!(note(&page, 1, Part::Detail, 0), Some((1, vec!["detail"], true)));
        assert_eq!(note(&page, 1, Part::Detail, 5), None);
        assert_eq!(note(&page, 1, Part::Messages, 6), Some((1, vec!["detail", "messages"], false)));
        assert_eq!(note(&page, 1, Part::Messages, 59), None);
        assert_eq!(note(&page, 2, Part::Body, 59), Some((2, vec!["body"], true)), "another exchange");
        assert_eq!(note(&cli, 1, Part::Curl, 59), Some((3, vec!["curl"], true)), "another caller");
        assert_eq!(note(&page, 1, Part::Detail, 60), Some((4, vec!["detail"], true)), "a minute later");
        for id in 0..=MOST as i64 {
            assert!(note(&page, 100 + id, Part::Body, 61).is_some(), "{id}");
        }
        assert!(reads.0.len() <= MOST);
    }
}
