//! Connections, and the certificates that they show.

use dashcam_exchange::{Certificate, Connection, ConnectionId, Live, Program, Record, UpstreamConnectionId};

use crate::client::Client;
use crate::intake::Part;
use crate::lock::lock;
use crate::way::Way;
use crate::{Recorder, now};

/// Certificates that are remembered as handed over at most. A forgotten one is handed over again, which
/// the store ignores.
const KNOWN_CERTIFICATES: usize = 4096;

/// When a connection's record is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandOver {
    /// At once, and from then on whenever it changes.
    Now,
    /// With the first exchange of it that is kept, and never if there is none.
    WithExchange,
}

impl Recorder {
    /// A number for a new client connection. In the store it has another if it is given before the store is open.
    #[must_use]
    pub fn connection_id(&self) -> ConnectionId {
        self.shared.numbers.connection()
    }

    /// Takes a connection of `client` as it stands, to hand it over now or when an exchange of it is kept. Without room it
    /// is left out (its exchanges are not): nothing tries again and no count or gap tells of it, only the log does, at debug
    /// level. The store keeps what was handed over of it before, so one that closed may look open.
    pub fn connection(&self, client: &Client, connection: Connection, when: HandOver) {
        if when == HandOver::Now && !client.caller.is_wanted() {
            client.caller.want();
        }
        if client.caller.is_wanted() {
            return self.hand_over_connection(client, connection);
        }
        let ders = connection.tls.iter().flat_map(|tls| &tls.certificates).map(|one| one.der.len());
        let footprint = size_of::<Connection>() + connection.footprint() + ders.sum::<usize>();
        let Ok(held) = client.memory.hold(footprint) else {
            tracing::debug!(connection.id = connection.id.0, "no room: a connection is left out");
            return;
        };
        if self.shared.has_aside() {
            self.show_aside(client, &connection);
        }
        if let Some(wanted) = client.caller.wait(Box::new(connection), held) {
            self.hand_over_connection(client, *wanted);
        }
    }

    /// An exchange of `client` is kept: hands over its connection, now or as soon as it is there.
    pub(crate) fn keep_connection(&self, client: &Client) {
        if let Some(connection) = client.caller.want() {
            self.hand_over_connection(client, *connection);
        }
    }

    fn hand_over_connection(&self, client: &Client, mut connection: Connection) {
        let Some(id) = self.shared.numbers.stored_connection(connection.id) else { return };
        connection.id = id;
        let way = self.way_of_connections();
        self.certificates(client, connection.tls.iter().flat_map(|tls| &tls.certificates));
        connection.tls.iter_mut().flat_map(|tls| &mut tls.certificates).for_each(Certificate::forget_der);
        // Held until the connection is on its way: a program that is found meanwhile comes behind it.
        let mut caller = client.caller.lock();
        connection.program.clone_from(&caller.program);
        caller.without = caller.program.is_none().then_some(id);
        self.shared.publish_raw(|| (vec![None], String::new()), || Live::connection(&connection));
        let footprint = connection.footprint();
        if !self.hand_over(client, (Record::Connection(Box::new(connection)), way), footprint) {
            tracing::debug!(connection.id = id.0, "no room in the queue: a connection was not handed over");
        }
    }

    /// Shows a connection that waits to the sink beside the store, which may get exchanges of it.
    fn show_aside(&self, client: &Client, connection: &Connection) {
        let Some(id) = self.shared.numbers.stored_connection(connection.id) else { return };
        let program = client.caller.lock().program.clone();
        // With its certificates: nobody else shows them to the sink.
        let connection = Connection { id, program, ..connection.clone() };
        let ders = connection.tls.iter().flat_map(|tls| &tls.certificates).map(|one| one.der.len());
        let footprint = connection.footprint() + ders.sum::<usize>();
        self.hand_over(client, (Record::Connection(Box::new(connection)), Way::Aside), footprint);
    }

    /// The way of records of connections that are handed over.
    pub(crate) fn way_of_connections(&self) -> Way {
        if self.shared.has_aside() { Way::Both } else { Way::Store }
    }

    /// Notes the program that opened the connection of `client`. It is handed over with the connection, or after it; without
    /// room the store has it once the connection has closed.
    pub fn found(&self, client: &Client, mut program: Program) {
        self.shared.intake.take(Part::Program(&mut program), &mut false);
        let mut caller = client.caller.lock();
        let connection = caller.without.take();
        caller.program = Some(program.clone());
        drop(caller);
        if let Some(connection) = connection {
            let footprint = size_of::<Program>() + program.footprint();
            let record = Record::Program { connection, program: Box::new(program) };
            self.hand_over(client, (record, self.way_of_connections()), footprint);
        }
    }

    /// A number for a new connection to an upstream; as for [`Recorder::connection_id`].
    #[must_use]
    pub fn upstream_connection_id(&self) -> UpstreamConnectionId {
        self.shared.numbers.upstream_connection()
    }

    /// Hands over those certificates that were not handed over before.
    pub(crate) fn certificates<'c>(
        &self,
        client: &Client,
        certificates: impl Iterator<Item = &'c Certificate>,
    ) {
        for certificate in certificates.filter(|certificate| !certificate.der.is_empty()) {
            if lock(&self.shared.certificates).contains(&certificate.sha256) {
                continue;
            }
            let record = Record::Certificate { certificate: certificate.clone(), at: now() };
            if self.hand_over(client, (record, self.way_of_connections()), certificate.der.len()) {
                let mut known = lock(&self.shared.certificates);
                if known.len() >= KNOWN_CERTIFICATES {
                    known.clear();
                }
                known.insert(certificate.sha256);
            }
        }
    }

    /// Sends a record that holds `bytes`; false without room.
    pub(crate) fn hand_over(&self, client: &Client, (record, way): (Record, Way), bytes: usize) -> bool {
        client.memory.hold(bytes).is_ok_and(|memory| self.send(record, memory, &client.places, way))
    }
}
