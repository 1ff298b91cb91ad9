//! A client's word about our TLS, which it may say after the handshake, or by saying nothing.

use std::io;

use dashcam_control::{Pair, Refusal};
use dashcam_exchange::{Failure, Side, TunnelReason};

use crate::serve::client_record::ClientRecord;
use crate::serve::rejection::Unused;

impl ClientRecord {
    /// The client sends something after the handshake: it takes our certificate.
    pub(crate) fn begins_to_speak(&mut self) {
        if self.handshake_done.take().is_some() {
            self.has_spoken = true;
            self.service.context.client_accepted(&self.facts());
        }
    }

    /// The client ended the connection, and nothing came before, if it did not speak.
    pub(crate) fn left(&mut self, error: Option<io::Error>) {
        if let Some(since) = self.handshake_done.take() {
            self.unused = Some(Unused { after: since.elapsed(), error });
        }
    }

    /// The end of the connection, if nothing came over it after the handshake; none if the client had other reasons for
    /// that than our certificate.
    pub(crate) fn take_unused(&mut self) -> Option<Unused> {
        let unused = self.unused.take()?;
        let is_excused = unused.is_silent() && self.service.context.control.rejected().excuses(&self.facts());
        (!is_excused).then_some(unused)
    }

    /// The client refuses our TLS; `is_silent`: in all probability. If it `can_tunnel` and did so several times, it will be
    /// tunnelled.
    pub(crate) fn refused(&mut self, failure: Failure, is_silent: bool, can_tunnel: bool) {
        if let Some(pair) = Pair::of(&self.facts()).filter(|_| can_tunnel && self.decision().decrypt) {
            let (runtime, message) = (self.connection.runtime, failure.message.clone());
            let refusal = Refusal { side: Side::Client, runtime, message, is_silent };
            self.service.context.rejected(&pair, refusal);
        }
        self.fail(failure);
    }

    /// Returns whether it is tunnelled for silent ends, which were refusals only in all probability.
    pub(crate) fn is_probably_rejected(&self) -> bool {
        self.connection.tunnel_reason == Some(TunnelReason::ClientRejected)
            && Pair::of(&self.facts())
                .is_some_and(|pair| self.service.context.control.rejected().is_probable(&pair))
    }

    /// The client sends something after the handshake in the tunnel.
    pub(crate) fn spoke_in_tunnel(&self) {
        self.service.context.control.rejected().spoke_in_tunnel(&self.facts());
    }

    /// The client left the tunnel right after the handshake, and sent nothing.
    pub(crate) fn left_tunnel(&self) {
        self.service.context.left_tunnel(&self.facts());
    }
}
