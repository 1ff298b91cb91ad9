//! Connections, and the certificates that they show.

use dashcam_exchange::{
    Certificate, Connection, ConnectionId, Live, Program, Record, UpstreamConnection, UpstreamConnectionId,
};

use crate::aside::Way;
use crate::client::Client;
use crate::intake::Part;
use crate::lock::lock;
use crate::{Recorder, now};

/// Certificates that are remembered as handed over at most. A forgotten one is handed over again, which
/// the store ignores.
const KNOWN_CERTIFICATES: usize = 4096;

impl Recorder {
    /// A number for a new client connection. In the store it has another if it is given before the store is open.
    #[must_use]
    pub fn connection_id(&self) -> ConnectionId {
        self.shared.numbers.connection()
    }

    /// Hands over a connection of `client` as it stands. Without room it is left out (its exchanges are not): nothing
    /// tries again and no count or gap tells of it, only the log does, at debug level. The store keeps what
    /// was handed over of it before, so one that closed may look open.
    pub fn connection(&self, client: &Client, mut connection: Connection) {
        let Some(id) = self.shared.numbers.stored_connection(connection.id) else { return };
        connection.id = id;
        self.certificates(client, connection.tls.iter().flat_map(|tls| &tls.certificates));
        connection.tls.iter_mut().flat_map(|tls| &mut tls.certificates).for_each(Certificate::forget_der);
        // Held until the connection is on its way: a program that is found meanwhile comes behind it.
        let mut caller = client.caller.lock();
        connection.program.clone_from(&caller.program);
        caller.without = caller.program.is_none().then_some(id);
        self.publish(|| Live::connection(&connection));
        let footprint = connection.footprint();
        if !self.hand_over(client, Record::Connection(Box::new(connection)), footprint) {
            tracing::debug!(connection.id = id.0, "no room in the queue: a connection was not handed over");
        }
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
            self.hand_over(client, Record::Program { connection, program: Box::new(program) }, footprint);
        }
    }

    /// A number for a new connection to an upstream; as for [`Recorder::connection_id`].
    #[must_use]
    pub fn upstream_connection_id(&self) -> UpstreamConnectionId {
        self.shared.numbers.upstream_connection()
    }

    /// Hands over a connection to an upstream, once, with its certificates, on the account of the client that it serves
    /// ([`OpenExchange::client`](crate::OpenExchange::client)), if it serves one yet. False without room: until it is
    /// handed over its exchanges name one that the store does not know.
    pub fn upstream_connection(&self, client: Option<&Client>, mut connection: UpstreamConnection) -> bool {
        let Some(id) = self.shared.numbers.stored_upstream_connection(connection.id) else { return false };
        connection.id = id;
        let client = client.unwrap_or(&self.shared.own);
        self.certificates(client, connection.certificates());
        connection.certificates_mut().for_each(Certificate::forget_der);
        let footprint = connection.footprint();
        let taken = self.hand_over(client, Record::UpstreamConnection(Box::new(connection)), footprint);
        if !taken {
            tracing::debug!(
                upstream_connection.id = id.0,
                "no room in the queue: a connection was not handed over"
            );
        }
        taken
    }

    /// Hands over those certificates that were not handed over before.
    fn certificates<'c>(&self, client: &Client, certificates: impl Iterator<Item = &'c Certificate>) {
        for certificate in certificates.filter(|certificate| !certificate.der.is_empty()) {
            if lock(&self.shared.certificates).contains(&certificate.sha256) {
                continue;
            }
            let record = Record::Certificate { certificate: certificate.clone(), at: now() };
            if self.hand_over(client, record, certificate.der.len()) {
                let mut known = lock(&self.shared.certificates);
                if known.len() >= KNOWN_CERTIFICATES {
                    known.clear();
                }
                known.insert(certificate.sha256);
            }
        }
    }

    /// Sends a record that holds `bytes`; false without room.
    fn hand_over(&self, client: &Client, record: Record, bytes: usize) -> bool {
        client.memory.hold(bytes).is_ok_and(|memory| self.send(record, memory, &client.places, Way::Store))
    }
}
