//! A connection that switched protocols: both directions relayed byte for byte, and observed.

use dashcam_exchange::{Direction, Failure, Side, Stage};
use dashcam_recorder::{BodyTap, OpenExchange};

use crate::context::Context;
use crate::exchange::message::Upgrade;
use crate::exchange::observed::Observed;
use crate::net::io::Io;
use crate::serve::relay::{Broken, both_ways};
use crate::websocket;

/// The observer of one direction's bytes. It may fail or be missing; the relay does not notice.
struct Observer {
    tap: Option<BodyTap>,
    messages: Option<websocket::Reader>,
}

impl Observer {
    fn new(upgrade: &Upgrade, open: Option<&OpenExchange>, direction: Direction) -> Self {
        let Some(open) = open else { return Self { tap: None, messages: None } };
        let reader = upgrade
            .websocket
            .as_ref()
            .map(|extensions| websocket::Reader::new(direction, extensions, open.messages()));
        Self { tap: Some(open.tap(direction)), messages: reader }
    }

    /// WebSocket's bytes are kept as messages, those of other protocols as they are.
    fn see(&mut self, bytes: &[u8]) {
        match (&mut self.messages, &mut self.tap) {
            (Some(messages), Some(tap)) => {
                tap.pass(bytes.len());
                messages.read(bytes);
            }
            (None, Some(tap)) => tap.data(bytes),
            (_, None) => {}
        }
    }
}

/// Relays until both sides have closed their half, or one breaks; `open` is told what passes.
pub(crate) async fn relay(client: Io, upgrade: Upgrade, mut observed: Observed, context: &Context) {
    let mut from_client = Observer::new(&upgrade, observed.record(), Direction::Request);
    let mut from_upstream = Observer::new(&upgrade, observed.record(), Direction::Response);
    let see_client = |bytes: &[u8]| from_client.see(bytes);
    let see_upstream = |bytes: &[u8]| from_upstream.see(bytes);
    let unread = upgrade.unread.then(|| context.unread.begin());
    let limits = context.relay_limits(unread.as_ref());
    match both_ways((client, upgrade.io), see_client, see_upstream, limits).await.result {
        Ok(()) => observed.complete(),
        Err(Broken { side, error }) => {
            context.relay_ended(side);
            let what = if side == Side::Proxy { "was closed" } else { "broke" };
            let message = format!("The upgraded connection {what}: {error}.");
            let failure = Failure::new(side, Stage::Tunnel, message);
            // A client that goes away is no failure.
            if side == Side::Client { observed.abort(failure) } else { observed.fail(failure) }
        }
    }
}
