//! Connections to upstreams, whose records are handed over with the first exchange that is kept.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dashcam_exchange::{Certificate, Record, UpstreamConnection};

use crate::client::Client;
use crate::lock::lock;
use crate::way::Way;
use crate::{OpenExchange, Recorder};

/// A connection to an upstream. Its record is handed over once: with the first exchange that it serves and that is kept,
/// or earlier.
#[derive(Debug)]
pub struct Serving {
    connection: UpstreamConnection,
    handed_over: AtomicBool,
    /// True once the sink beside the store knows of it.
    shown_aside: AtomicBool,
}

impl Serving {
    /// One that waits for an exchange.
    #[must_use]
    pub fn new(connection: UpstreamConnection) -> Arc<Self> {
        let (handed_over, shown_aside) = (AtomicBool::new(false), AtomicBool::new(false));
        Arc::new(Self { connection, handed_over, shown_aside })
    }

    /// One of which nothing is handed over.
    #[must_use]
    pub fn unknown(connection: UpstreamConnection) -> Arc<Self> {
        let (handed_over, shown_aside) = (AtomicBool::new(true), AtomicBool::new(true));
        Arc::new(Self { connection, handed_over, shown_aside })
    }

    /// The connection.
    #[must_use]
    pub fn connection(&self) -> &UpstreamConnection {
        &self.connection
    }

    /// Hands it over, on the account of the client that it serves, if it serves one yet. Without room, and before the
    /// store is open, that is tried again with the next exchange.
    pub fn hand_over(&self, recorder: &Recorder, client: Option<&Client>) {
        if recorder.is_open() && !self.handed_over.swap(true, Ordering::Relaxed) {
            let taken = recorder.upstream_connection(client, self.connection.clone());
            self.handed_over.store(taken, Ordering::Relaxed);
        }
    }

    fn show_aside(&self, recorder: &Recorder, client: &Client) {
        let is_new = recorder.shared.has_aside() && !self.shown_aside.swap(true, Ordering::Relaxed);
        if let Some(id) = recorder.shared.numbers.stored_upstream_connection(self.connection.id)
            && is_new
        {
            // With its certificates: nobody else shows them to the sink.
            let connection = UpstreamConnection { id, ..self.connection.clone() };
            let ders = connection.certificates().map(|one| one.der.len()).sum::<usize>();
            let footprint = connection.footprint() + ders;
            let record = Record::UpstreamConnection(Box::new(connection));
            recorder.hand_over(client, (record, Way::Aside), footprint);
        }
    }
}

impl OpenExchange {
    /// Notes the connection that serves it, whose record goes with the exchange if that is kept.
    pub fn served_by(&self, serving: &Arc<Serving>) {
        if serving.handed_over.load(Ordering::Relaxed) {
            return;
        }
        let mut state = lock(&self.open.state);
        if state.is_undecided() {
            state.serving = Some(Arc::clone(serving));
        }
        let is_kept = state.is_kept() && !state.is_undecided();
        drop(state);
        let (recorder, client) = (&self.open.recorder, self.client());
        if is_kept {
            serving.hand_over(recorder, Some(&client));
        } else {
            serving.show_aside(recorder, &client);
        }
    }
}

impl Recorder {
    /// Hands over a connection to an upstream, once, with its certificates, on the account of the client that it serves
    /// ([`OpenExchange::client`]), if it serves one yet. False without room: until it is
    /// handed over its exchanges name one that the store does not know.
    pub fn upstream_connection(&self, client: Option<&Client>, mut connection: UpstreamConnection) -> bool {
        let Some(id) = self.shared.numbers.stored_upstream_connection(connection.id) else { return false };
        connection.id = id;
        let client = client.unwrap_or(&self.shared.own);
        self.certificates(client, connection.certificates());
        connection.certificates_mut().for_each(Certificate::forget_der);
        let (footprint, way) = (connection.footprint(), self.way_of_connections());
        let taken =
            self.hand_over(client, (Record::UpstreamConnection(Box::new(connection)), way), footprint);
        if !taken {
            tracing::debug!(
                upstream_connection.id = id.0,
                "no room in the queue: a connection was not handed over"
            );
        }
        taken
    }
}
