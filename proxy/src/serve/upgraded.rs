//! A connection that switched protocols: both directions relayed byte for byte, and observed.

use std::io;
use std::pin::Pin;
use std::task::{Context as Task, Poll, ready};

use dashcam_exchange::{Direction, Failure, Side, Stage};
use dashcam_recorder::{BodyTap, MESSAGE_SLICE, Offered, OpenExchange, Wait};

use crate::context::Context;
use crate::exchange::message::Upgrade;
use crate::exchange::observed::Observed;
use crate::net::io::Io;
use crate::serve::relay::{Broken, Observe, both_ways};
use crate::websocket;

/// The observer of one direction's bytes. It may fail or be missing; the relay does not notice, unless a rule guarantees
/// that they are recorded.
struct Observer {
    tap: Option<BodyTap>,
    messages: Option<websocket::Reader>,
    /// True if bytes wait for room for their copies.
    waits: bool,
    wait: Option<Wait>,
    /// Of those that wait, how many the reader of messages has seen.
    read: usize,
}

impl Observer {
    fn new(upgrade: &Upgrade, open: Option<&OpenExchange>, direction: Direction) -> Self {
        let Some(open) = open else {
            return Self { tap: None, messages: None, waits: false, wait: None, read: 0 };
        };
        let reader = upgrade
            .websocket
            .as_ref()
            .map(|extensions| websocket::Reader::new(direction, extensions, open.messages()));
        let (tap, waits) = (Some(open.tap(direction)), open.waits());
        Self { tap, messages: reader, waits, wait: None, read: 0 }
    }

    /// Offers bytes to those who keep them, as far as they were not taken.
    fn offer(&mut self, bytes: &[u8]) -> Offered {
        let Some(tap) = &mut self.tap else { return Offered::Taken };
        let Some(messages) = &mut self.messages else {
            return if bytes.is_empty() { Offered::Taken } else { tap.offer(bytes) };
        };
        loop {
            let slice = &bytes[self.read..bytes.len().min(self.read + MESSAGE_SLICE)];
            let offered = messages.offer(slice.len());
            if !matches!(offered, Offered::Taken) {
                return offered;
            }
            messages.read(slice);
            tap.pass(slice.len());
            self.read += slice.len();
            if self.read == bytes.len() {
                self.read = 0;
                return Offered::Taken;
            }
        }
    }
}

/// WebSocket's bytes are kept as messages, those of other protocols as they are.
impl Observe for Observer {
    fn poll_offer(&mut self, bytes: &[u8], cx: &mut Task<'_>) -> Poll<io::Result<()>> {
        while self.waits {
            if let Some(wait) = &mut self.wait {
                ready!(Pin::new(wait).poll(cx));
                self.wait = None;
            }
            match self.offer(bytes) {
                Offered::Taken => break,
                Offered::Wait(wait) => self.wait = Some(wait),
                Offered::GivenUp(why) => return Poll::Ready(Err(io::Error::other(why))),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn see(&mut self, bytes: &[u8]) {
        if self.waits {
            return;
        }
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
    let from_client = Observer::new(&upgrade, observed.record(), Direction::Request);
    let from_upstream = Observer::new(&upgrade, observed.record(), Direction::Response);
    let unread = upgrade.unread.then(|| context.unread.begin());
    let limits = context.relay_limits(unread.as_ref());
    match both_ways((client, upgrade.io), from_client, from_upstream, limits).await.result {
        Ok(()) => observed.complete(),
        Err(broken) => {
            if broken.is_idle() {
                context.relay_ended(broken.side);
            }
            let Broken { side, error } = broken;
            let what = if side == Side::Proxy { "was closed" } else { "broke" };
            let message = format!("The upgraded connection {what}: {error}.");
            let failure = Failure::new(side, Stage::Tunnel, message);
            // A client that goes away is no failure.
            if side == Side::Client { observed.abort(failure) } else { observed.fail(failure) }
        }
    }
}
