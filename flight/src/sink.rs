//! Records on their way into the ring, looked at for what sets off a snapshot.

use dashcam_exchange::{Exchange, ExchangeId, Record, Timestamp};
use dashcam_filter::Client;

use crate::recorder::FlightRecorder;
use crate::schedule::{Answer, Request};
use crate::trigger::Cause;
use crate::writer::RingWriter;

/// Takes what passes. One task has it, and calls it in the order in which things passed; it waits for nothing but the
/// writes to its file.
#[derive(Debug)]
pub struct FlightSink {
    writer: RingWriter,
    recorder: FlightRecorder,
    /// Something is not written yet.
    is_dirty: bool,
}

impl FlightSink {
    /// Writes with `writer` into the ring that `recorder` has.
    #[must_use]
    pub fn new(writer: RingWriter, recorder: FlightRecorder) -> Self {
        Self { writer, recorder, is_dirty: false }
    }

    /// Takes a record of what is not in the store, or not with its bodies.
    pub fn record(&mut self, record: &Record, at: Timestamp) {
        self.is_dirty = true;
        let writer = &mut self.writer;
        match record {
            Record::Connection(connection) => writer.connection(connection.clone(), at),
            Record::Program { connection, program } => writer.program(*connection, (**program).clone(), at),
            Record::UpstreamConnection(connection) => writer.upstream_connection(connection.clone()),
            Record::Certificate { certificate, .. } => writer.certificate(certificate.clone()),
            Record::Opened(exchange) => writer.opened(exchange, at),
            Record::BodyPart { exchange, direction, seq, data } => {
                writer.body_part((*exchange, *direction, *seq), data, at);
            }
            Record::Message(message) => writer.message(message, at),
            Record::Finished(exchange) => {
                writer.finished(exchange, at);
                self.look(exchange, at);
            }
            Record::Interrupted(id) => writer.interrupted(*id, at),
            // Pieces without an end would come back after a crash.
            Record::Discarded { exchange, .. } => writer.discarded(*exchange, at),
            // The ring keeps none: snapshots go to the store without them.
            Record::Arrivals { .. } | Record::Seal(_) | Record::Gap(_) => {}
        }
    }

    /// Notes an exchange that ended and is in the store, with all that it has.
    pub fn stored(&mut self, exchange: &Exchange, at: Timestamp) {
        self.is_dirty = true;
        self.writer.kept(exchange.id, at);
        self.look(exchange, at);
    }

    /// Writes what has come. Before, no snapshot has it.
    pub fn flush(&mut self, at: Timestamp) {
        if std::mem::take(&mut self.is_dirty) {
            self.writer.flush(at);
        }
    }

    fn look(&mut self, exchange: &Exchange, at: Timestamp) {
        let mut triggers = self.recorder.triggers();
        if triggers.are_none() {
            return;
        }
        let client = exchange.connection.and_then(|id| self.writer.client(id));
        let cause = triggers.look(exchange, client.map(Client::from));
        drop(triggers);
        if let Some(cause) = cause {
            self.set_off(cause, exchange.id, at);
        }
    }

    fn set_off(&self, cause: Cause, by: ExchangeId, at: Timestamp) {
        let why = cause.to_string();
        let request = Request { cause, reason: None, by: None, after: None };
        if let Answer::Begun(running) = self.recorder.ask(request, at) {
            tracing::info!(
                snapshot = running.name,
                exchange.id = by.0,
                why,
                "the flight recorder was set off"
            );
        }
    }
}

#[cfg(test)]
mod tests;
