//! A connection that switched protocols: both directions relayed byte for byte, and observed.

use std::io;

use dashcam_exchange::{Direction, Failure, Side, Stage};
use dashcam_recorder::BodyTap;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};

use crate::io::Io;
use crate::message::Upgrade;
use crate::websocket;

const BUFFER: usize = 16 << 10;

/// What sees the bytes of one direction. It may fail or be missing; the relay does not notice.
struct Observer {
    tap: Option<BodyTap>,
    messages: Option<websocket::Reader>,
}

impl Observer {
    fn new(upgrade: &Upgrade, direction: Direction) -> Self {
        let Some(open) = &upgrade.open else { return Self { tap: None, messages: None } };
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

/// Relays until both sides have closed their half, or one breaks.
pub(crate) async fn relay(client: Io, upgrade: Upgrade) {
    let mut from_client = Observer::new(&upgrade, Direction::Request);
    let mut from_upstream = Observer::new(&upgrade, Direction::Response);
    let Upgrade { io: upstream, open, .. } = upgrade;
    let (mut client_read, mut client_write) = split(client);
    let (mut upstream_read, mut upstream_write) = split(upstream);
    let result = tokio::try_join!(
        copy(&mut client_read, &mut upstream_write, &mut from_client),
        copy(&mut upstream_read, &mut client_write, &mut from_upstream),
    );
    match result {
        Ok(_) => {
            for mut tap in [from_client.tap, from_upstream.tap].into_iter().flatten() {
                tap.end(None);
            }
        }
        Err(error) => {
            if let Some(open) = open {
                open.fail(Failure::new(
                    Side::Upstream,
                    Stage::Tunnel,
                    format!("The upgraded connection broke: {error}."),
                ));
            }
            client_read.unsplit(client_write).reset();
            upstream_read.unsplit(upstream_write).reset();
        }
    }
}

async fn copy(from: &mut ReadHalf<Io>, to: &mut WriteHalf<Io>, observer: &mut Observer) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            // The other side may have closed already; then there is nobody to tell.
            let _ = to.shutdown().await;
            return Ok(());
        }
        to.write_all(&buffer[..read]).await?;
        to.flush().await?;
        observer.see(&buffer[..read]);
    }
}
