//! Bytes relayed unread.

use dashcam_exchange::{Failure, Side, Stage};
use tokio::io::copy_bidirectional_with_sizes;

use crate::connection_log::ConnectionLog;
use crate::io::Io;

const BUFFER: usize = 32 << 10;

/// Relays both ways until both sides have closed their half.
pub(crate) async fn relay(mut client: Io, mut upstream: Io, log: &mut ConnectionLog) {
    match copy_bidirectional_with_sizes(&mut client, &mut upstream, BUFFER, BUFFER).await {
        Ok((from_client, to_client)) => log.bytes(from_client, to_client),
        Err(error) => {
            // One side's reset is the other's reset too.
            client.reset();
            upstream.reset();
            let message = format!("The tunnel broke: {error}.");
            log.fail(Failure::new(Side::Upstream, Stage::Tunnel, message));
        }
    }
}
