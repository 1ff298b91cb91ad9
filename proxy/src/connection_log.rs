//! What is recorded of a client connection: when its verdict is known, and when it closes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dashcam_exchange::{Connection, ConnectionId, Destination, Detected, Failure, TlsFacts, Verdict};
use dashcam_recorder::now;

use crate::engine::Engine;
use crate::transit::Room;

/// A connection's record in the making; it is handed over, closed, when this is dropped.
pub(crate) struct ConnectionLog {
    connection: Connection,
    engine: Arc<Engine>,
    /// What the connection may hold.
    room: Option<Arc<Room>>,
    /// Whether the store knows of it: then it is to know of its end as well.
    handed_over: bool,
}

impl ConnectionLog {
    pub(crate) fn new(engine: &Arc<Engine>, client: String, mode: String) -> Self {
        engine.connections.fetch_add(1, Ordering::Relaxed);
        let connection = Connection {
            id: engine.recorder.connection_id(),
            opened_at: now(),
            closed_at: None,
            client,
            mode,
            destination: None,
            detected: None,
            verdict: None,
            tls: None,
            failure: None,
            bytes_in: 0,
            bytes_out: 0,
        };
        Self { connection, engine: Arc::clone(engine), room: None, handed_over: false }
    }

    /// The same, of a connection that has `room`.
    pub(crate) fn with_room(mut self, room: Arc<Room>) -> Self {
        self.room = Some(room);
        self
    }

    pub(crate) fn room(&self) -> Option<Arc<Room>> {
        self.room.clone()
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.connection.id
    }

    pub(crate) fn destination(&mut self, destination: &Destination) {
        self.connection.destination = Some(destination.host_and_port());
    }

    pub(crate) fn verdict(&mut self, detected: Option<Detected>, verdict: Verdict) {
        self.connection.detected = detected.or(self.connection.detected);
        self.connection.verdict = Some(verdict);
        self.hand_over();
    }

    pub(crate) fn tls(&mut self, facts: TlsFacts) {
        self.connection.tls = Some(facts);
        self.hand_over();
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        tracing::debug!(connection.id = self.connection.id.0, %failure, "connection failed");
        self.connection.failure.get_or_insert(failure);
    }

    pub(crate) fn bytes(&mut self, from_client: u64, to_client: u64) {
        self.connection.bytes_in = from_client;
        self.connection.bytes_out = to_client;
    }

    /// An exchange of it is recorded, whatever the level is by now: it may have been opened before anything was.
    pub(crate) fn recorded(&mut self) {
        if !self.handed_over {
            self.send();
        }
    }

    /// An exchange of it begins, which may be recorded.
    pub(crate) fn begins(&mut self) {
        if !self.handed_over {
            self.hand_over();
        }
    }

    fn hand_over(&mut self) {
        if self.handed_over || self.engine.control.current().level.records() {
            self.send();
        }
    }

    /// Before the store is open there is nobody to hand it over to: it is handed over later, if it stays that long.
    fn send(&mut self) {
        if self.engine.recorder.is_open() {
            self.handed_over = true;
            self.engine.recorder.connection(self.connection.clone());
        }
    }
}

impl Drop for ConnectionLog {
    fn drop(&mut self) {
        self.engine.connections.fetch_sub(1, Ordering::Relaxed);
        self.engine.upstreams.let_go(self.connection.id);
        if let Some(failure) = &self.connection.failure
            && self.engine.control.current().level.decrypts()
        {
            self.engine.meter.connection_failed(failure);
        }
        self.connection.closed_at = Some(now());
        self.hand_over();
    }
}
