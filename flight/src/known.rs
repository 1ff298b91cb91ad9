//! Connections and certificates that exchanges in the ring name, so that each segment has those that it needs.

use std::collections::HashSet;

use dashcam_exchange::{
    Certificate, Connection, ConnectionId, Exchange, Fingerprint, Program, Timestamp, UpstreamConnection,
    UpstreamConnectionId,
};

use crate::aging::Aging;
use crate::codec::{write_certificate, write_connection, write_upstream_connection};

/// Bytes that the connections of each side may hold.
const MOST_BYTES: usize = 8 << 20;

/// A connection, and the last segment that it was written into.
#[derive(Debug)]
struct Known<C> {
    connection: Box<C>,
    /// 0: none.
    segment: u64,
}

/// The connections of which exchanges may still come.
#[derive(Debug)]
pub(crate) struct Connections {
    clients: Aging<ConnectionId, Known<Connection>>,
    upstreams: Aging<UpstreamConnectionId, Known<UpstreamConnection>>,
    certificates: Aging<Fingerprint, Certificate>,
    /// The certificates in the segment that is being filled.
    written: HashSet<Fingerprint>,
    segment: u64,
}

impl Connections {
    pub(crate) fn new() -> Self {
        Self {
            clients: Aging::of(MOST_BYTES),
            upstreams: Aging::of(MOST_BYTES),
            certificates: Aging::of(MOST_BYTES),
            written: HashSet::new(),
            segment: 0,
        }
    }

    /// Notes a client's connection as it stands; true if the ring has an earlier state of it, so that this has to follow.
    pub(crate) fn client(&mut self, mut connection: Box<Connection>) -> bool {
        let id = connection.id;
        let before = self.clients.get_mut(id);
        let segment = before.as_ref().map_or(0, |before| before.segment);
        if connection.program.is_none() {
            connection.program = before.and_then(|before| before.connection.program.take());
        }
        self.keep(connection.tls.iter_mut().flat_map(|tls| &mut tls.certificates));
        let bytes = connection.footprint();
        self.clients.insert(id, Known { connection, segment }, bytes);
        segment > 0
    }

    /// A client's connection as it stood last.
    pub(crate) fn known_client(&mut self, id: ConnectionId) -> Option<&Connection> {
        self.clients.get_mut(id).map(|known| &*known.connection)
    }

    /// Notes the program that opened a connection; as for [`Connections::client`].
    pub(crate) fn program(&mut self, id: ConnectionId, program: Program) -> bool {
        let Some(known) = self.clients.get_mut(id) else { return false };
        known.connection.program = Some(program);
        known.segment > 0
    }

    /// Notes a connection to an upstream.
    pub(crate) fn upstream(&mut self, mut connection: Box<UpstreamConnection>) {
        self.keep(connection.certificates_mut());
        let bytes = connection.footprint();
        self.upstreams.insert(connection.id, Known { connection, segment: 0 }, bytes);
    }

    /// Notes a certificate that connections name.
    pub(crate) fn certificate(&mut self, certificate: Certificate) {
        let bytes = certificate.der.len();
        if bytes > 0 && self.certificates.get_mut(certificate.sha256).is_none() {
            self.certificates.insert(certificate.sha256, certificate, bytes);
        }
    }

    /// Keeps the bytes of certificates that a connection brings with it.
    fn keep<'c>(&mut self, shown: impl Iterator<Item = &'c mut Certificate>) {
        for certificate in shown {
            self.certificate(certificate.clone());
            certificate.forget_der();
        }
    }

    /// Adds those connections that `exchange` names, and their certificates, that segment `sequence` does not have yet.
    pub(crate) fn write_for(
        &mut self,
        exchange: &Exchange,
        (sequence, at): (u64, Timestamp),
        bytes: &mut Vec<u8>,
    ) {
        if let Some(id) = exchange.connection {
            self.write_client(id, (sequence, at), false, bytes);
        }
        let upstream = exchange.upstream.as_ref().and_then(|upstream| upstream.connection);
        if let Some(id) = upstream {
            self.write_upstream(id, (sequence, at), bytes);
        }
    }

    /// Adds a client's connection, unless segment `sequence` has it, or `again`.
    pub(crate) fn write_client(
        &mut self,
        id: ConnectionId,
        (sequence, at): (u64, Timestamp),
        again: bool,
        bytes: &mut Vec<u8>,
    ) {
        self.begin(sequence);
        let Some(known) = self.clients.get_mut(id) else { return };
        if again || known.segment != sequence {
            known.segment = sequence;
            let shown = known.connection.tls.iter().flat_map(|tls| &tls.certificates);
            write_certificates((&mut self.certificates, &mut self.written), shown, at, bytes);
            write_connection(&known.connection, bytes);
        }
    }

    fn write_upstream(
        &mut self,
        id: UpstreamConnectionId,
        (sequence, at): (u64, Timestamp),
        bytes: &mut Vec<u8>,
    ) {
        self.begin(sequence);
        let Some(known) = self.upstreams.get_mut(id) else { return };
        if known.segment != sequence {
            known.segment = sequence;
            let shown = known.connection.certificates();
            write_certificates((&mut self.certificates, &mut self.written), shown, at, bytes);
            write_upstream_connection(&known.connection, bytes);
        }
    }

    /// Nothing is in a segment that has just begun.
    fn begin(&mut self, sequence: u64) {
        if self.segment != sequence {
            self.segment = sequence;
            self.written.clear();
        }
    }
}

fn write_certificates<'c>(
    (known, written): (&mut Aging<Fingerprint, Certificate>, &mut HashSet<Fingerprint>),
    shown: impl Iterator<Item = &'c Certificate>,
    at: Timestamp,
    bytes: &mut Vec<u8>,
) {
    for Certificate { sha256, .. } in shown {
        if let Some(certificate) = known.get_mut(*sha256).filter(|_| !written.contains(sha256)) {
            write_certificate(&certificate.der, at, bytes);
            written.insert(*sha256);
        }
    }
}
