//! The record of a client connection: made when its verdict is known, and when it closes.

use std::net::SocketAddr;
use std::sync::Arc;

use dashcam_exchange::{Connection, ConnectionId, Destination, Detected, Failure, TlsFacts, Verdict};
use dashcam_recorder::{Client, now};

use crate::exchange::service::Service;
use crate::net::admission::Account;
use crate::net::transit::Room;

/// A connection's record in the making; it is handed over, closed, when this is dropped.
pub(crate) struct ClientRecord {
    connection: Connection,
    /// Its account with the recorder.
    account: Client,
    service: Arc<Service>,
    /// The account of the client's source address.
    source: Option<Arc<Account>>,
    /// Room for what the connection holds.
    room: Option<Arc<Room>>,
    /// True once the store knows of it: then it is to know of its end as well.
    handed_over: bool,
}

impl ClientRecord {
    pub(crate) fn new(service: &Arc<Service>, client: SocketAddr, mode: String) -> Self {
        let connection = Connection {
            id: service.context.recorder.connection_id(),
            opened_at: now(),
            closed_at: None,
            client: client.to_string(),
            mode,
            destination: None,
            detected: None,
            verdict: None,
            tls: None,
            failure: None,
            bytes_in: 0,
            bytes_out: 0,
        };
        let account = service.context.recorder.client(Some(client.ip()));
        Self {
            connection,
            account,
            service: Arc::clone(service),
            source: None,
            room: None,
            handed_over: false,
        }
    }

    /// The same, of a client whose source address takes what `source` says.
    pub(crate) fn with_source(mut self, source: Arc<Account>) -> Self {
        self.source = Some(source);
        self
    }

    /// The account of the client's source address.
    pub(crate) fn source(&self) -> Option<&Arc<Account>> {
        self.source.as_ref()
    }

    /// Notes what the connection may hold.
    pub(crate) fn has_room(&mut self, room: Arc<Room>) {
        self.room = Some(room);
    }

    pub(crate) fn room(&self) -> Option<Arc<Room>> {
        self.room.clone()
    }

    pub(crate) fn id(&self) -> ConnectionId {
        self.connection.id
    }

    pub(crate) fn account(&self) -> Client {
        self.account.clone()
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
        if self.handed_over || self.service.context.control.current().level.records() {
            self.send();
        }
    }

    /// Before the store is open there is nobody to hand it over to: it is handed over later, if it stays that long.
    fn send(&mut self) {
        if self.service.context.recorder.is_open() {
            self.handed_over = true;
            self.service.context.recorder.connection(&self.account, self.connection.clone());
        }
    }
}

impl Drop for ClientRecord {
    fn drop(&mut self) {
        self.service.upstreams.pool.let_go(self.connection.id);
        if let Some(failure) = &self.connection.failure
            && self.service.context.control.current().level.decrypts()
        {
            self.service.context.meter.connection_failed(failure);
        }
        self.connection.closed_at = Some(now());
        self.hand_over();
    }
}
