//! Clients beyond the limits: a short answer that says so, for a few at once; the others are just closed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Failure, Side, Stage};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config::{ConnectionLimits, Mode};
use crate::context::Context;
use crate::net::io::Io;
use crate::net::limited::Limit;
use crate::net::log_rate::LogRate;
use crate::serve::answer::answer;
use crate::serve::detect::HANDSHAKE;

/// Clients that are answered at once, at most. Each is an open file of the reserve.
const MOST: usize = 64;
/// As many as that where few may be connected.
const FEWEST: usize = 4;
/// How long one of them may take to say something and to read the answer.
const TIME: Duration = Duration::from_secs(1);
/// How much of what it sends is read: a connection that is closed with bytes unread is reset, and the answer with it.
const READ: u64 = 64 << 10;
/// A fatal alert: `internal_error` (RFC 8446 §6), as no alert says that there is no room.
const ALERT: &[u8] = b"\x15\x03\x01\x00\x02\x02\x50";
const H2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n";
/// No method of authentication will do (RFC 1928 §3): SOCKS5 has no word for a lack of room.
const SOCKS5: [u8; 2] = [5, 0xff];
/// SETTINGS, and GOAWAY with `ENHANCE_YOUR_CALM` that says that no stream was processed (RFC 9113 §6.8).
const GOAWAY: [u8; 9 + 17] = [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11];

/// Refuses connections.
#[derive(Debug)]
pub(crate) struct Shedding {
    room: Arc<Semaphore>,
    most: usize,
    log: LogRate,
    log_of_address: LogRate,
}

impl Shedding {
    /// Few clients are answered at once where few may be connected.
    pub(crate) fn new(limits: ConnectionLimits) -> Self {
        let most = if limits.clients == 0 { MOST } else { (limits.clients / 8).clamp(FEWEST, MOST) };
        let room = Arc::new(Semaphore::new(most));
        Self { room, most, log: LogRate::default(), log_of_address: LogRate::default() }
    }

    /// Refuses `client`'s connection on a listener of `mode`, which would be beyond `limit`. It is counted, and not
    /// recorded.
    pub(crate) fn shed(&self, context: &Context, (io, client): (Io, SocketAddr), limit: Limit, mode: &Mode) {
        context.limited.count(limit);
        self.log(context.admission.limits(), client, limit);
        // One address that goes beyond its share leaves answers for others.
        let half_taken = self.room.available_permits() <= self.most / 2;
        if limit == Limit::ConnectionsOfAddress && half_taken {
            return;
        }
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else { return };
        let why = why(limit, mode, context.admission.limits());
        context.tasks.spawn(async move {
            // A client that is too slow is closed without more ado.
            let _ = timeout(TIME, refuse(io, &why)).await;
            drop(place);
        });
    }

    fn log(&self, limits: ConnectionLimits, client: SocketAddr, limit: Limit) {
        if limit == Limit::ConnectionsOfAddress {
            if let Some(refused) = self.log_of_address.due() {
                tracing::warn!(
                    refused,
                    "{} has {} connections open, as many as one address may have: more are refused \
                     (--max-connections-per-address)",
                    client.ip().to_canonical(),
                    limits.clients_of_address
                );
            }
        } else if let Some(refused) = self.log.due() {
            tracing::warn!(
                refused,
                "all {} client connections are taken: more are refused. For more of them, raise --max-connections, and \
                 the limit on open files (ulimit -n, LimitNOFILE) if need be",
                limits.clients
            );
        }
    }
}

/// The reason that a client is told. Strangers at a reverse listener are not told how dashcam is set up.
fn why(limit: Limit, mode: &Mode, limits: ConnectionLimits) -> Failure {
    let message = match (&mode.upstream, limit) {
        (Some(_), _) => "There are too many connections. Try again in a moment.".to_owned(),
        (None, Limit::ConnectionsOfAddress) => format!(
            "Your address has {} connections to dashcam open, as many as one address may have (--max-connections-per-address). Close some, or try again in a moment.",
            limits.clients_of_address
        ),
        (None, _) => format!(
            "dashcam has {} client connections open, as many as it may have (--max-connections). Try again in a moment.",
            limits.clients
        ),
    };
    Failure::new(Side::Proxy, Stage::Connect, message)
}

/// Answers in the protocol that the client begins with.
async fn refuse(mut io: Io, why: &Failure) {
    if io.ahead().is_empty() && !matches!(io.look_further().await, Ok(read) if read > 0) {
        return;
    }
    let first = io.ahead();
    let told = if HANDSHAKE.starts_with(&first[..first.len().min(2)]) {
        io.write_all(ALERT).await
    } else if first[0] == SOCKS5[0] {
        io.write_all(&SOCKS5).await
    } else if first.starts_with(&H2_PREFACE[..first.len().min(H2_PREFACE.len())]) {
        io.write_all(&GOAWAY).await
    } else {
        answer(&mut io, 503, why).await;
        Ok(())
    };
    if told.is_ok() && io.shutdown().await.is_ok() {
        // Bytes that still come are of no interest.
        let _ = tokio::io::copy(&mut io.take(READ), &mut tokio::io::sink()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_is_told() {
        let limits =
            ConnectionLimits { clients: 400, clients_of_address: 100, ..ConnectionLimits::default() };
        let check = |mode: &str, limit, expect: &str| {
            let mode = mode.parse::<Mode>().unwrap();
            let message = why(limit, &mode, limits).message;
            assert!(message.contains(expect), "{message}");
            assert_eq!(message.contains("--max-"), mode.upstream.is_none(), "{message}");
        };
        check("forward", Limit::Connections, "400 client connections");
        check("forward", Limit::ConnectionsOfAddress, "Your address has 100 connections");
        check("reverse:http://a", Limit::Connections, "too many connections");
        check("reverse:http://a", Limit::ConnectionsOfAddress, "too many connections");
    }
}
