//! State that all connections share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dashcam_control::{ConnectionFacts, Control, Pair, Refusal, RejectedPair};
use dashcam_exchange::{Runtime, Side};
use dashcam_programs::Programs;
use dashcam_recorder::Recorder;

use crate::config::Config;
use crate::meter::Meter;
use crate::net::admission::Admission;
use crate::net::failure_log::FailureLog;
use crate::net::limited::{Limit, Limited};
use crate::net::own_sockets::OwnSockets;
use crate::net::relay_limits::RelayLimits;
use crate::net::tasks::Tasks;
use crate::net::tcp::is_this_machine;
use crate::net::transit::Transit;
use crate::net::unread::{Unread, UnreadRelay};

/// How long a client may be silent at first where little room is left.
const CROWDED: Duration = Duration::from_secs(5);

/// State that all parts of the proxy use.
pub(crate) struct Context {
    pub(crate) config: Config,
    pub(crate) control: Arc<Control>,
    pub(crate) recorder: Recorder,
    pub(crate) admission: Arc<Admission>,
    pub(crate) tasks: Tasks,
    pub(crate) meter: Meter,
    pub(crate) limited: Arc<Limited>,
    pub(crate) failures: FailureLog,
    pub(crate) transit: Transit,
    /// Relays that began while nothing was recorded.
    pub(crate) unread: Unread,
    /// The way to the programs on this machine that connect, if they are recorded.
    pub(crate) programs: Option<Programs>,
    /// Our own listeners.
    pub(crate) listening: Vec<SocketAddr>,
    /// Our own connections to upstreams, where one could be led back to us.
    pub(crate) own_sockets: Option<Arc<OwnSockets>>,
}

/// An address of our own that a request would go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnAddress {
    /// A proxy listener: a loop.
    Listener,
    /// The page.
    Page,
}

impl Context {
    /// How long a client may take to its first bytes. Where little room is left for others, a silent one has less.
    pub(crate) fn first_bytes_limit(&self) -> Duration {
        let limit = self.config.timeouts.request_head;
        if self.admission.is_crowded() { limit.min(CROWDED) } else { limit }
    }

    /// Notes that a client or an upstream refused our TLS, and says so once connections of the pair are tunnelled for it.
    pub(crate) fn rejected(&self, pair: &Pair, refusal: Refusal) {
        if let Some(tunnelled) = self.control.rejected().refused(pair, refusal) {
            let refusal = &tunnelled.refusal;
            tracing::info!(
                client = %tunnelled.client,
                destination = tunnelled.host,
                side = refusal.side.as_str(),
                runtime = refusal.runtime.map(Runtime::as_str),
                refusals = tunnelled.refusals,
                "connections of this client to this host are tunnelled unread from now on \
                 (--tunnel-rejected); `dashcam rejected` lists them, and `dashcam rejected rm {}` undoes it",
                tunnelled.id
            );
        }
    }

    /// Notes that a client goes on after our handshake, and says so if it was tunnelled.
    pub(crate) fn client_accepted(&self, facts: &ConnectionFacts<'_>) {
        if let Some(pair) = self.control.rejected().client_accepted(facts) {
            decrypted_again(&pair, "it takes dashcam's certificate");
        }
    }

    /// Notes that a client left a tunnel without a word, and says so if it is not tunnelled any more.
    pub(crate) fn left_tunnel(&self, facts: &ConnectionFacts<'_>) {
        if let Some(pair) = self.control.rejected().left_tunnel(facts) {
            decrypted_again(&pair, "it closes connections without a request whoever's certificate it gets");
        }
    }

    /// When a relay ends though both sides would go on; `unread`: it is one that can be closed on demand.
    pub(crate) fn relay_limits<'a>(&'a self, unread: Option<&'a UnreadRelay>) -> RelayLimits<'a> {
        let close = unread.map(|unread| &unread.close);
        RelayLimits { draining: &self.tasks.draining, close, idle: self.config.timeouts.tunnel_idle }
    }

    /// Counts a relay that broke on `side`, if that is a limit's doing.
    pub(crate) fn relay_ended(&self, side: Side) {
        if side == Side::Proxy {
            self.limited.count(Limit::TunnelIdle);
        }
    }

    /// Which of our own addresses `address` is.
    pub(crate) fn own_address(&self, address: SocketAddr) -> Option<OwnAddress> {
        let ip = address.ip().to_canonical();
        // The unspecified address reaches the loopback one; and a service of ours has its port on all of them.
        let loopback = ip.is_loopback() || ip.is_unspecified();
        let reaches = |own: &SocketAddr| {
            let own_ip = own.ip().to_canonical();
            own.port() == address.port()
                && (own_ip == ip
                    || (own_ip.is_loopback() && loopback)
                    || (own_ip.is_unspecified() && (loopback || is_this_machine(ip))))
        };
        if self.config.own_addresses.iter().any(reaches) {
            return Some(OwnAddress::Page);
        }

        self.listening.iter().any(reaches).then_some(OwnAddress::Listener)
    }
}

/// Says that connections of a pair are decrypted again, and why.
fn decrypted_again(pair: &RejectedPair, why: &str) {
    tracing::info!(
        client = %pair.client,
        destination = pair.host,
        "connections of this client to this host are decrypted again: {why}"
    );
}
