//! A client's connection as its exchanges know it: the program behind it, which is known some time after the connection,
//! or never; and its record, which may wait for an exchange that is kept.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use dashcam_exchange::{Connection, ConnectionId, Program};
use dashcam_filter::Client;

use crate::budget::Held;
use crate::lock::lock;

/// A client's connection. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientConnection(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// The client's address; `None` of what no client asked for.
    address: Option<IpAddr>,
    /// True once its record is to be handed over whenever it is there or changes; set under the lock.
    is_wanted: AtomicBool,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) program: Option<Program>,
    /// The connection, if it was handed over without its program.
    pub(crate) without: Option<ConnectionId>,
    /// Its record while it waits, and what that holds.
    waiting: Option<(Box<Connection>, Held)>,
}

impl Known {
    /// The facts that filters may ask for; `None` while none is known.
    pub(crate) fn facts(&self) -> Option<Client<'_>> {
        let program = self.program.as_ref()?;
        Some(Client { program: Some(&program.name), pid: Some(program.pid), ..Client::default() })
    }
}

impl ClientConnection {
    /// That of a client at `address`.
    pub(crate) fn from_address(address: Option<IpAddr>) -> Self {
        Self(Arc::new(Shared { address, ..Shared::default() }))
    }

    /// The client's address, as text.
    pub(crate) fn address(&self) -> Option<String> {
        self.0.address.map(|address| address.to_string())
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Known> {
        lock(&self.0.known)
    }

    /// The program's name, if it is known.
    pub(crate) fn name(&self) -> Option<String> {
        self.lock().program.as_ref().map(|program| program.name.clone())
    }

    /// Returns whether the record is handed over as soon as it is there.
    #[inline]
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_wanted.load(Ordering::Relaxed)
    }

    /// Lets the record wait, in place of an earlier one. It comes back if it is wanted.
    pub(crate) fn wait(&self, connection: Box<Connection>, held: Held) -> Option<Box<Connection>> {
        let mut known = self.lock();
        if self.is_wanted() {
            return Some(connection);
        }
        known.waiting = Some((connection, held));
        None
    }

    /// Says that the record is wanted from now on; it is returned if it waits.
    pub(crate) fn want(&self) -> Option<Box<Connection>> {
        let mut known = self.lock();
        self.0.is_wanted.store(true, Ordering::Relaxed);
        known.waiting.take().map(|(connection, _)| connection)
    }
}
