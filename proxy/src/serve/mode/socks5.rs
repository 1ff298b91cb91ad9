//! SOCKS5 mode: clients name the destination in a few bytes before their own (RFC 1928), and who they are before that
//! (RFC 1929).

mod negotiation;

use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Detected, Failure, Side, Stage, Verdict};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::context::Context;
use crate::net::io::Io;
use crate::serve::answer::answer;
use crate::serve::client_record::ClientRecord;
use crate::serve::detect::{FirstBytes, detect};
use crate::serve::dispatch::{Unopened, open_tunnel};
use crate::serve::grant::Grant;
use crate::serve::mode::socks5::negotiation::{Negotiation, Refused, VERSION};
use crate::serve::mode::spec::{Accepted, ModeSpec};
use crate::serve::server::Server;
use crate::upstream::{NoAnswer, Unreached};

/// The version of clients that know no names, no IPv6 and no passwords, and what refuses them.
const VERSION_4: u8 = 4;
const REFUSED_4: [u8; 8] = [0, 0x5b, 0, 0, 0, 0, 0, 0];
/// How long a client that was refused may go on sending, and how much of that is read: a connection that is closed with
/// bytes unread is reset, and the reply with it.
const LINGER: Duration = Duration::from_secs(1);
const READ: u64 = 64 << 10;

/// The mode's line of the table.
pub(super) const MODE: ModeSpec = ModeSpec {
    name: "socks5",
    upstream: None,
    parent: None,
    foreign: false,
    run: |accepted| Box::pin(run(accepted)),
};

/// Answers to a request (RFC 1928 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reply {
    Succeeded = 0,
    Failed = 1,
    NotAllowed = 2,
    NetworkUnreachable = 3,
    HostUnreachable = 4,
    ConnectionRefused = 5,
    /// "TTL expired": nothing came back in time.
    Expired = 6,
    CommandNotSupported = 7,
    AddressTypeNotSupported = 8,
}

impl Reply {
    /// On the wire. The address at which we are seen is not known when a tunnel is granted before it is connected.
    const fn bytes(self) -> [u8; 10] {
        [VERSION, self as u8, 0, 1, 0, 0, 0, 0, 0, 0]
    }

    /// The reply that says why there is no tunnel.
    fn to(why: &NoAnswer) -> Self {
        match (why.unreached, why.failure.side, why.failure.stage) {
            (Some(Unreached::Refused), ..) => Self::ConnectionRefused,
            (Some(Unreached::Silent), ..) => Self::Expired,
            (Some(Unreached::Host), ..) | (None, Side::Upstream, Stage::Dns) => Self::HostUnreachable,
            (Some(Unreached::Network), ..) => Self::NetworkUnreachable,
            (None, Side::Proxy, _) if why.status != 503 => Self::NotAllowed,
            (None, ..) => Self::Failed,
        }
    }
}

async fn run(Accepted { mut io, server, log, .. }: Accepted<'_>) {
    if !begins(&mut io, &server.context).await {
        return;
    }
    if io.ahead().first() != Some(&VERSION) {
        return refuse_other(io, server, log).await;
    }
    match Box::pin(Negotiation::new(&mut io, server, log.client()).destination()).await {
        Ok(destination) => {
            let granted = Reply::Succeeded.bytes();
            let granted = (Some(granted.as_slice()), Grant::Looking);
            match Box::pin(open_tunnel(io, destination, granted, server, log)).await {
                Ok(Some(opened)) => opened.serve(server, log).await,
                Ok(None) => {}
                Err(unopened) => refuse(*unopened, log).await,
            }
        }
        Err(Refused { told, failure }) => {
            log.fail(failure);
            log.verdict(None, Verdict::Refuse);
            tell(io, &told).await;
        }
    }
}

/// Waits for a client's first bytes. At the end of dashcam, one that has sent nothing is not waited for.
async fn begins(io: &mut Io, context: &Context) -> bool {
    tokio::select! {
        biased;
        read = timeout(context.first_bytes_limit(), io.look_further()) => matches!(read, Ok(Ok(1..))),
        () = context.tasks.draining.cancelled() => false,
    }
}

/// Answers a request in place of a tunnel.
async fn refuse(Unopened { io, why, .. }: Unopened, log: &mut ClientRecord) {
    let reply = Reply::to(&why);
    let is_ours = why.failure.side == Side::Proxy;
    log.fail(why.failure);
    if is_ours {
        log.verdict(None, Verdict::Refuse);
    }
    tell(io, &reply.bytes()).await;
}

/// Refuses a client that speaks something else, and says so where it can be told.
async fn refuse_other(mut io: Io, server: &Arc<Server>, log: &mut ClientRecord) {
    let is_version_4 = io.ahead().first() == Some(&VERSION_4);
    let first = if is_version_4 {
        FirstBytes::Other
    } else {
        detect(&mut io, server.context.config.timeouts.detect).await
    };
    let (spoken, cure) = match first {
        FirstBytes::Tls(_) => (
            "TLS",
            "Set the proxy's URL to socks5h://\u{2026}; there is no TLS between a client and this port.",
        ),
        FirstBytes::Http1 | FirstBytes::Http2 => (
            "HTTP",
            "Set the proxy's URL to socks5h://\u{2026}, or send the client to a forward listener (-m forward).",
        ),
        _ if is_version_4 => ("SOCKS4", "Set the proxy's URL to socks5h://\u{2026}."),
        _ => (
            "something else",
            "Send only clients that speak SOCKS5 here, with socks5h://\u{2026} as the proxy's URL.",
        ),
    };
    let why = format!("This is a SOCKS5 proxy, and the client began with {spoken}. {cure}");
    let failure = Failure::new(Side::Client, Stage::Detect, why);
    let detected = first.detected().or(Some(Detected::Other));
    log.fail(failure.clone());
    log.verdict(detected, Verdict::Refuse);
    if is_version_4 {
        tell(io, &REFUSED_4).await;
    } else if first == FirstBytes::Http1 {
        answer(&mut io, 400, &failure).await;
        linger(io).await;
    }
}

/// Writes a client's last bytes; one that is gone misses nothing.
async fn tell(mut io: Io, bytes: &[u8]) {
    if io.write_all(bytes).await.is_ok() && io.shutdown().await.is_ok() {
        linger(io).await;
    }
}

async fn linger(io: Io) {
    // Bytes that still come are of no interest.
    let _ = timeout(LINGER, tokio::io::copy(&mut io.take(READ), &mut tokio::io::sink())).await;
}

#[cfg(test)]
mod tests;
