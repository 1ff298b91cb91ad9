//! A proxy that runs, as others in the process see it.

use std::sync::Arc;

use dashcam_exchange::ExchangeId;
use dashcam_programs::{Counts as ProgramCounts, Programs};

use crate::exchange::replay::{Replay, ReplayError, replay};
use crate::meter::Traffic;
use crate::net::admission::Connections;
use crate::net::limited::Limit;
use crate::serve::server::Server;

/// Sends recorded requests again and new ones, and knows what was counted. Cheap to clone.
#[derive(Clone)]
pub struct Replayer {
    pub(crate) server: Arc<Server>,
}

impl Replayer {
    /// Begins to send the request and says which exchange it is; its outcome is in the record. It is recorded in full,
    /// whatever the level. `place` is dropped once it has ended.
    ///
    /// # Errors
    /// When it can't be sent, or can't be recorded.
    pub fn replay(&self, request: Replay, place: impl Send + 'static) -> Result<ExchangeId, ReplayError> {
        replay(&self.server.service, request, place)
    }

    /// Counts of the traffic so far; those requests are none.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        Traffic { clients_refused: self.server.access.refused.count(), ..self.server.context.meter.read() }
    }

    /// How often each limit was met.
    #[must_use]
    pub fn limited(&self) -> Vec<(Limit, u64)> {
        self.server.context.limited.read()
    }

    /// Bytes in transit that are held beyond what every connection may.
    #[must_use]
    pub fn transit_bytes(&self) -> usize {
        self.server.context.transit.held()
    }

    /// How many connections go on unread because nothing was recorded when they began: tunnels, and connections that
    /// switched protocols.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.server.context.unread.count()
    }

    /// Closes those connections, each as soon as nothing moves on it for a moment, or in a few seconds. Returns how many
    /// they are.
    #[must_use]
    pub fn close_unread(&self) -> usize {
        self.server.context.unread.close_all()
    }

    /// How often the program behind a connection was looked for, by outcome; `None` if none is.
    #[must_use]
    pub fn programs(&self) -> Option<ProgramCounts> {
        self.server.context.programs.as_ref().map(Programs::counts)
    }

    /// How many connections there are, and may be.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.server.context.admission.read()
    }
}
