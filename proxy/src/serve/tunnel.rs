//! Bytes relayed unread.

use std::io;
use std::time::Instant;

use dashcam_exchange::{Failure, Side, Stage};
use tokio::time::sleep;

use crate::context::Context;
use crate::net::io::Io;
use crate::net::relay_limits::RelayLimits;
use crate::net::unread::UnreadRelay;
use crate::serve::client_record::ClientRecord;
use crate::serve::relay::{Broken, both_ways};
use crate::serve::trial::Trial;

/// Relays both ways until both sides have closed their half, or one breaks. `unread`: it can be closed on demand.
pub(crate) async fn relay(
    (client, upstream): (Io, Io),
    unread: Option<UnreadRelay>,
    context: &Context,
    log: &mut ClientRecord,
) {
    let (mut sent, mut received) = (0, 0);
    let trial = log.is_probably_rejected().then(Trial::default);
    let trial = trial.as_ref();
    let count_up = |bytes: &[u8]| {
        sent += bytes.len() as u64;
        if trial.is_some_and(|trial| trial.client_sends(bytes, Instant::now())) {
            log.spoke_in_tunnel();
        }
    };
    let count_down = |bytes: &[u8]| {
        received += bytes.len() as u64;
        if let Some(trial) = trial {
            trial.upstream_sends(bytes, Instant::now());
        }
    };
    let limits = context.relay_limits(unread.as_ref());
    let ended = both_ways((client, upstream), count_up, count_down, limits).await;
    log.bytes(sent, received);
    let at_once = context.config.timeouts.silent_refusal;
    if trial.is_some_and(|trial| trial.is_left(ended.first, at_once)) {
        log.left_tunnel();
    }
    if let Err(broken) = ended.result {
        failed(&broken, context, log);
    }
}

/// Waits for the side of a silent tunnel that sends something or ends. At the end of dashcam it is neither's turn.
pub(crate) async fn first_to_move(
    client: &mut Io,
    upstream: &mut Io,
    context: &Context,
) -> Result<Option<Side>, Broken> {
    let RelayLimits { draining, idle, .. } = context.relay_limits(None);
    let moved = |side, read: io::Result<usize>| match read {
        Ok(_) => Ok(Some(side)),
        Err(error) => Err(Broken { side, error }),
    };
    tokio::select! {
        biased;
        read = upstream.look_further() => moved(Side::Upstream, read),
        read = client.look_further() => moved(Side::Client, read),
        () = draining.cancelled() => Ok(None),
        () = sleep(idle.unwrap_or_default()), if idle.is_some() => Err(Broken::idle(idle.unwrap_or_default())),
    }
}

/// Records how a tunnel broke.
pub(crate) fn failed(Broken { side, error }: &Broken, context: &Context, log: &mut ClientRecord) {
    context.relay_ended(*side);
    let what = if *side == Side::Proxy { "was closed" } else { "broke" };
    log.fail(Failure::new(*side, Stage::Tunnel, format!("The tunnel {what}: {error}.")));
}
