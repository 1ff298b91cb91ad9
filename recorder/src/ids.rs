//! The numbers of exchanges and connections.
//!
//! They go on from those in the store. Where the store could not be opened at the start they are not known yet, and
//! connections come all the same. Those get early numbers, from 1 on, which tell them apart here but may be others'
//! in the store. So nothing is handed over before the store's numbers are known, and then each early number stands for
//! the one as far beyond the store's last. The numbers of later connections are beyond all of these.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use dashcam_exchange::{ConnectionId, ExchangeId, LastIds, Upstream, UpstreamConnectionId};

#[derive(Debug, Default)]
pub(crate) struct Ids {
    last_exchange: AtomicI64,
    last_connection: AtomicI64,
    last_upstream_connection: AtomicI64,
    /// Set once the store's numbers are known.
    early: OnceLock<Early>,
}

/// The early numbers.
#[derive(Debug)]
struct Early {
    /// The first number that an exchange gets here.
    first_exchange: ExchangeId,
    connections: Range,
    upstream_connections: Range,
}

/// Ids up to `last` stand for those that are `shift` higher.
#[derive(Debug)]
struct Range {
    last: i64,
    shift: i64,
}

impl Ids {
    /// Goes on from `last`; once.
    pub(crate) fn go_on_from(&self, last: LastIds) {
        self.early.get_or_init(|| {
            // None was given before.
            self.last_exchange.store(last.exchange.0, Ordering::Relaxed);
            Early {
                first_exchange: ExchangeId(last.exchange.0 + 1),
                connections: Range::until_now(&self.last_connection, last.connection.0),
                upstream_connections: Range::until_now(
                    &self.last_upstream_connection,
                    last.upstream_connection.0,
                ),
            }
        });
    }

    /// Returns whether the store's numbers are known: before, nothing can be handed over.
    pub(crate) fn are_known(&self) -> bool {
        self.early.get().is_some()
    }

    /// A number for an exchange: only once [`Ids::are_known`].
    pub(crate) fn exchange(&self) -> ExchangeId {
        ExchangeId(next(&self.last_exchange))
    }

    /// The first of those that are given here, if the store's numbers are known.
    pub(crate) fn first_exchange(&self) -> Option<ExchangeId> {
        self.early.get().map(|early| early.first_exchange)
    }

    /// The number that was given last.
    pub(crate) fn last_exchange(&self) -> ExchangeId {
        ExchangeId(self.last_exchange.load(Ordering::Relaxed))
    }

    pub(crate) fn connection(&self) -> ConnectionId {
        ConnectionId(next(&self.last_connection))
    }

    pub(crate) fn upstream_connection(&self) -> UpstreamConnectionId {
        UpstreamConnectionId(next(&self.last_upstream_connection))
    }

    /// A connection's id in the store, if that is known.
    pub(crate) fn stored_connection(&self, id: ConnectionId) -> Option<ConnectionId> {
        Some(ConnectionId(self.early.get()?.connections.stored(id.0)))
    }

    /// `upstream`, with its connection's id in the store.
    pub(crate) fn in_store(&self, upstream: Upstream) -> Upstream {
        let connection = upstream.connection.and_then(|id| self.stored_upstream_connection(id));
        Upstream { connection, ..upstream }
    }

    /// The id in the store of a connection to an upstream, if that is known.
    pub(crate) fn stored_upstream_connection(
        &self,
        id: UpstreamConnectionId,
    ) -> Option<UpstreamConnectionId> {
        Some(UpstreamConnectionId(self.early.get()?.upstream_connections.stored(id.0)))
    }
}

impl Range {
    /// The numbers that `counter` gave so far; those that it gives from now on are beyond what they stand for.
    fn until_now(counter: &AtomicI64, shift: i64) -> Self {
        Self { last: counter.fetch_add(shift, Ordering::Relaxed), shift }
    }

    fn stored(&self, number: i64) -> i64 {
        if number <= self.last { number + self.shift } else { number }
    }
}

fn next(last: &AtomicI64) -> i64 {
    last.fetch_add(1, Ordering::Relaxed) + 1
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn last(exchange: i64, connection: i64, upstream: i64) -> LastIds {
        LastIds {
            exchange: ExchangeId(exchange),
            connection: ConnectionId(connection),
            upstream_connection: UpstreamConnectionId(upstream),
        }
    }

    #[test]
    fn known_from_the_beginning_they_are_what_they_are() {
        let numbers = Ids::default();
        numbers.go_on_from(last(41, 7, 0));
        assert_eq!((numbers.exchange(), numbers.first_exchange()), (ExchangeId(42), Some(ExchangeId(42))));
        let (id, upstream) = (numbers.connection(), numbers.upstream_connection());
        assert_eq!((id, numbers.stored_connection(id)), (ConnectionId(8), Some(id)));
        assert_eq!(numbers.stored_upstream_connection(upstream), Some(UpstreamConnectionId(1)));
    }

    #[test]
    fn early_ones_stand_for_numbers_that_nobody_else_has() {
        for stored in [0, 1, 2, 3, 5, 1000] {
            let numbers = Ids::default();
            let mut given: Vec<_> = (0..3).map(|_| numbers.connection()).collect();
            assert_eq!((numbers.are_known(), numbers.stored_connection(given[0])), (false, None));
            assert_eq!(numbers.first_exchange(), None);
            numbers.go_on_from(last(9, stored, 0));
            given.extend((0..5).map(|_| numbers.connection()));
            assert_eq!(given.iter().collect::<HashSet<_>>().len(), 8, "here they are told apart: {given:?}");
            let names: Vec<_> = given.iter().filter_map(|id| numbers.stored_connection(*id)).collect();
            let expect: Vec<_> = (1..=8).map(|number| ConnectionId(stored + number)).collect();
            assert_eq!(names, expect, "beyond {stored}");
            assert_eq!((numbers.are_known(), numbers.exchange()), (true, ExchangeId(10)));
        }
    }

    #[test]
    fn they_are_known_once() {
        let numbers = Ids::default();
        numbers.go_on_from(last(1, 1, 1));
        numbers.go_on_from(last(50, 50, 50));
        assert_eq!((numbers.exchange(), numbers.connection()), (ExchangeId(2), ConnectionId(2)));
    }
}
