//! Bytes in transit: one budget for what connections hold on its way (`limits.transit`), of which each client connection
//! and each source address has a share.
//!
//! The few KiB that every connection needs are not counted: the number of connections bounds them. Counted is
//! what a client can make us hold beyond that: large heads, and bodies that wait for somebody who does not
//! take them.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use dashcam_exchange::{Failure, Side, Stage};
use dashcam_recorder::{Bounds, Budget, Full, Share};

use crate::net::limited::{Limit, Limited};
use crate::net::write_timeout::Stalled;

/// Bytes that a connection may hold uncounted: the heads of ordinary requests.
pub(crate) const ALLOWANCE: usize = 16 << 10;

/// The budget of all connections.
pub(crate) struct Transit {
    budget: Budget,
    limited: Arc<Limited>,
}

impl Transit {
    /// A budget of `total` bytes.
    pub(crate) fn new(total: usize, limited: &Arc<Limited>) -> Self {
        Self { budget: Budget::new(Bounds::of(total)), limited: Arc::clone(limited) }
    }

    /// Room for a new connection of `client`.
    pub(crate) fn room(&self, client: Option<IpAddr>) -> Arc<Room> {
        Arc::new(Room {
            share: self.budget.share(client),
            used: AtomicUsize::new(0),
            refused: AtomicBool::new(false),
            stalled: OnceLock::new(),
            limited: Arc::clone(&self.limited),
        })
    }

    /// How many bytes are held, without what is not counted.
    pub(crate) fn held(&self) -> usize {
        self.budget.held()
    }
}

/// The bytes that one client connection holds.
pub(crate) struct Room {
    share: Share,
    used: AtomicUsize,
    /// True if it wanted more than there was for it, and holds something still.
    refused: AtomicBool,
    /// How the client itself stalled, if it does not read its connection.
    stalled: OnceLock<Stalled>,
    limited: Arc<Limited>,
}

impl Room {
    /// Takes room for `bytes` until the returned value is dropped.
    ///
    /// # Errors
    /// When the client holds its share already, or all together hold too much. That is counted.
    pub(crate) fn hold(self: &Arc<Self>, bytes: usize) -> Result<Hold, NoRoom> {
        let counted = self.take(bytes)?;
        Ok(Hold { room: Arc::clone(self), bytes, counted })
    }

    /// Returns whether the client holds more than its share, or wanted to.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.refused.load(Ordering::Relaxed) || self.share.is_exceeded()
    }

    /// Forgets that there was no room, once next to nothing is held.
    fn settle(&self) {
        if self.refused.load(Ordering::Relaxed) && self.used.load(Ordering::Relaxed) <= ALLOWANCE {
            self.refused.store(false, Ordering::Relaxed);
        }
    }

    /// Notes that the client does not read its connection.
    pub(crate) fn stall(&self, stalled: Stalled) {
        // The first reason stays.
        let _ = self.stalled.set(stalled);
    }

    /// How the client does not read its connection, if so: everything on it ends by that.
    pub(crate) fn stalled(&self) -> Option<Stalled> {
        self.stalled.get().copied()
    }

    fn take(&self, bytes: usize) -> Result<usize, NoRoom> {
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        let counted = (before + bytes).saturating_sub(before.max(ALLOWANCE));
        if counted > 0
            && let Err(full) = self.share.take(counted)
        {
            self.used.fetch_sub(bytes, Ordering::Relaxed);
            // What others hold is no fault of this client's.
            if full == Full::Client {
                self.refused.store(true, Ordering::Relaxed);
            }
            let no_room = NoRoom::from(full);
            self.limited.count(no_room.limit());
            return Err(no_room);
        }
        Ok(counted)
    }
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoRoom {
    /// The connection, or all of its source address, hold their share.
    #[error(
        "the client's connections hold as many bytes in transit as they may: a quarter of limits.transit for a source address, a sixteenth for a connection"
    )]
    Share,
    /// All connections together hold too much.
    #[error("all connections together hold as many bytes in transit as they may (limits.transit)")]
    Budget,
}

impl From<Full> for NoRoom {
    fn from(full: Full) -> Self {
        match full {
            Full::Client => Self::Share,
            Full::Budget => Self::Budget,
        }
    }
}

impl NoRoom {
    fn limit(self) -> Limit {
        match self {
            Self::Share => Limit::TransitShare,
            Self::Budget => Limit::Transit,
        }
    }

    /// The failure of an exchange that finds no room at `stage`.
    pub(crate) fn failure(self, stage: Stage) -> Failure {
        Failure::new(Side::Proxy, stage, format!("There was no room: {self}."))
    }
}

/// Room that was taken; given back in drop.
pub(crate) struct Hold {
    room: Arc<Room>,
    bytes: usize,
    /// Those of them that the budget counts.
    counted: usize,
}

impl Hold {
    /// Takes room for `bytes` more.
    ///
    /// # Errors
    /// Nothing was taken.
    pub(crate) fn more(&mut self, bytes: usize) -> Result<(), NoRoom> {
        self.counted += self.room.take(bytes)?;
        self.bytes += bytes;
        Ok(())
    }
}

/// Lets `held` be room for `size` bytes in all, on a connection that has `room`.
///
/// # Errors
/// When there is none.
pub(crate) fn hold_up_to(
    room: Option<&Arc<Room>>,
    held: &mut Option<Hold>,
    size: usize,
) -> Result<(), NoRoom> {
    match (held, room) {
        (_, None) => Ok(()),
        (Some(held), _) => held.more(size.saturating_sub(held.bytes)),
        (held @ None, Some(room)) => {
            *held = Some(room.hold(size)?);
            Ok(())
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let Self { room, bytes, counted } = self;
        room.used.fetch_sub(*bytes, Ordering::Relaxed);
        if *counted > 0 {
            room.share.give_back(*counted);
        }
        room.settle();
    }
}

/// The bytes that a body holds while somebody does not take it.
pub(crate) struct Backlog {
    /// Of the client whose request it is about.
    room: Option<Arc<Room>>,
    hold: Option<Hold>,
    /// True if there was no room for the piece that waits.
    in_vain: bool,
}

impl Backlog {
    /// Nothing yet.
    pub(crate) fn new(room: Option<Arc<Room>>) -> Self {
        Self { room, hold: None, in_vain: false }
    }

    /// Takes room for `all` bytes that wait, of which `more` came just now.
    ///
    /// # Errors
    /// When there is none, and something came. For want of room for what was here before, its taker only has less time.
    pub(crate) fn grow(&mut self, all: usize, more: usize) -> Result<(), NoRoom> {
        let is_known = self.hold.is_some() || self.in_vain;
        if is_known && more == 0 {
            return Ok(());
        }
        match hold_up_to(self.room.as_ref(), &mut self.hold, all) {
            Err(_) if more == 0 => {
                self.in_vain = true;
                Ok(())
            }
            held => held,
        }
    }

    /// Gives the room back: what waited was taken.
    pub(crate) fn clear(&mut self) {
        self.hold = None;
        if std::mem::take(&mut self.in_vain) {
            self.room.iter().for_each(|room| room.settle());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const KIB: usize = 1 << 10;

    fn transit(total: usize) -> Transit {
        Transit::new(total, &Arc::default())
    }

    fn client(number: u8) -> Option<IpAddr> {
        Some(Ipv4Addr::new(127, 0, 0, number).into())
    }

    #[test]
    fn what_is_usual_is_not_counted() {
        let transit = transit(1 << 20);
        let room = transit.room(client(1));
        let first = room.hold(10 * KIB).unwrap();
        assert_eq!(transit.held(), 0);
        let second = room.hold(10 * KIB).unwrap();
        assert_eq!(transit.held(), 4 * KIB);
        drop((first, second));
        assert_eq!((transit.held(), room.used.load(Ordering::Relaxed)), (0, 0));
    }

    #[test]
    fn one_client_finds_no_room_where_another_does() {
        let transit = transit(1 << 20);
        let rooms: Vec<_> = (0..20).map(|_| transit.room(client(1))).collect();
        let holds: Vec<_> = rooms.iter().map(|room| room.hold(60 * KIB)).collect();
        let refused = holds.iter().filter(|hold| hold.is_err()).count();
        assert!((5..15).contains(&refused), "{refused}");
        let counts = transit.limited.read();
        let of = |limit| counts.iter().find(|(counted, _)| *counted == limit).unwrap().1;
        assert_eq!((of(Limit::TransitShare), of(Limit::Transit)), (refused as u64, 0));
        let other = transit.room(client(2));
        assert!(other.hold(60 * KIB).is_ok());
        assert!(!other.is_exceeded());
        let over = rooms.iter().zip(&holds).find(|(_, hold)| hold.is_err()).unwrap().0;
        assert!(over.is_exceeded());
    }

    #[test]
    fn what_was_refused_is_forgotten_when_what_was_held_is_given_back() {
        let transit = transit(1 << 20);
        let room = transit.room(client(1));
        let mut hold = room.hold(64 * KIB).unwrap();
        assert_eq!(hold.more(2 << 20), Err(NoRoom::Share));
        assert!(room.is_exceeded());
        drop(hold);
        assert!(!room.is_exceeded());
        assert_eq!(transit.held(), 0);

        let mut backlog = Backlog::new(Some(Arc::clone(&room)));
        assert_eq!((backlog.grow(2 << 20, 0), room.is_exceeded()), (Ok(()), true));
        assert_eq!(backlog.grow(2 << 20, 1), Err(NoRoom::Share));
        backlog.clear();
        assert!(!room.is_exceeded());
    }
}
