//! Attempts to connect to the addresses of a name, of which the first that comes about wins (RFC 8305).

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::net::limited::Limit;
use crate::upstream::no_answer::Unreached;

/// How long an address has to itself before the next one is tried besides (RFC 8305 §8).
const HEAD_START: Duration = Duration::from_millis(250);

/// An attempt to connect to an address.
struct Attempt<F> {
    address: SocketAddr,
    since: Instant,
    connecting: Pin<Box<F>>,
}

/// An address, and why there is no connection to it.
pub(super) type Tried = (SocketAddr, Why);

/// Why there is no connection to an address.
#[derive(Debug)]
pub(super) enum Why {
    Error(io::Error),
    /// It did not answer for as long as this.
    Silent(Duration),
    /// There are as many connections to upstreams as there may be.
    NoRoom(Limit),
}

impl Why {
    pub(super) fn unreached(&self) -> Option<Unreached> {
        match self {
            Self::Error(error) => Unreached::of(error.kind()),
            Self::Silent(_) => Some(Unreached::Silent),
            Self::NoRoom(_) => None,
        }
    }
}

/// The first connection that comes about (RFC 8305 §5), with the outcome of the others that were tried: when an address
/// fails, or has no answer for a moment, the next one is tried besides. The error has the outcome of each.
pub(super) async fn race<T, F: Future<Output = Result<T, Why>>>(
    addresses: Vec<SocketAddr>,
    deadline: Instant,
    connect: impl Fn(SocketAddr) -> F,
) -> Result<(T, Vec<Tried>), Vec<Tried>> {
    let silent = |attempt: Attempt<F>| (attempt.address, Why::Silent(attempt.since.elapsed()));
    let mut waiting = addresses.into_iter();
    let mut running = Vec::new();
    let mut failed = Vec::new();
    loop {
        if let Some(address) = waiting.next() {
            let connecting = Box::pin(connect(address));
            running.push(Attempt { address, since: Instant::now(), connecting });
        }
        if running.is_empty() {
            return Err(failed);
        }
        let next = if waiting.len() > 0 { deadline.min(Instant::now() + HEAD_START) } else { deadline };
        match timeout_at(next, first(&mut running)).await {
            Ok((_, Ok(connection))) => {
                failed.extend(running.into_iter().map(silent));
                return Ok((connection, failed));
            }
            Ok((address, Err(why))) => failed.push((address, why)),
            Err(_) if Instant::now() >= deadline => {
                failed.extend(running.into_iter().map(silent));
                return Err(failed);
            }
            Err(_) => {}
        }
    }
}

/// The next of `running` to end.
async fn first<F: Future>(running: &mut Vec<Attempt<F>>) -> (SocketAddr, F::Output) {
    poll_fn(|cx| {
        for index in 0..running.len() {
            if let Poll::Ready(output) = running[index].connecting.as_mut().poll(cx) {
                let ended = running.swap_remove(index);
                return Poll::Ready((ended.address, output));
            }
        }
        Poll::Pending
    })
    .await
}

/// The addresses with IPv6 and IPv4 by turns, beginning with the first one's (RFC 8305 §4): when one
/// of the two does not work here, it does not hold up the other.
pub(super) fn take_turns(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let v6_first = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == v6_first);
    let mut second = second.into_iter();
    let mut turns = Vec::new();
    for address in first {
        turns.push(address);
        turns.extend(second.next());
    }
    turns.extend(second);
    turns
}

#[cfg(test)]
mod tests;
