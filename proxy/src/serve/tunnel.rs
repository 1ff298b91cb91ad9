//! Bytes relayed unread.

use dashcam_exchange::{Failure, Side, Stage};

use crate::context::Context;
use crate::net::io::Io;
use crate::serve::client_record::ClientRecord;
use crate::serve::relay::{Broken, both_ways};

/// Relays both ways until both sides have closed their half, or one breaks.
pub(crate) async fn relay(client: Io, upstream: Io, context: &Context, log: &mut ClientRecord) {
    let (mut sent, mut received) = (0, 0);
    let count_up = |bytes: &[u8]| sent += bytes.len() as u64;
    let count_down = |bytes: &[u8]| received += bytes.len() as u64;
    let ended = both_ways((client, upstream), count_up, count_down, context.relay_limits()).await;
    log.bytes(sent, received);
    if let Err(Broken { side, error }) = ended {
        context.relay_ended(side);
        let what = if side == Side::Proxy { "was closed" } else { "broke" };
        log.fail(Failure::new(side, Stage::Tunnel, format!("The tunnel {what}: {error}.")));
    }
}
