//! Hostile clients: twelve kinds, each from an address of its own.

mod h1;
mod h2;
mod others;

use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::options::Options;
use super::wire::Target;

type Attack = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// A kind of hostile client.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Clients at the same time.
    clients: u32,
    /// True if it goes for dashcam's page, which others have not.
    page: bool,
    /// One client's life: it returns when it is cut off, and the next one takes its place.
    attack: fn(Arc<Attacker>) -> Attack,
}

pub(super) const KINDS: [Kind; 12] = [
    Kind {
        name: "half-heads",
        about: "heads that never end, a byte a second",
        clients: 200,
        page: false,
        attack: |a| Box::pin(h1::half_head(a)),
    },
    Kind {
        name: "slow-bodies",
        about: "bodies of a megabyte, a byte a second",
        clients: 100,
        page: false,
        attack: |a| Box::pin(h1::slow_body(a)),
    },
    Kind {
        name: "non-readers",
        about: "downloads of 100 MB that nobody reads, HTTP/1 and 2",
        clients: 60,
        page: false,
        attack: |a| Box::pin(others::non_reader(a)),
    },
    Kind {
        name: "header-bombs",
        about: "heads of 16 KB that unpack to 60 MB",
        clients: 10,
        page: false,
        attack: |a| Box::pin(h2::header_bomb(a)),
    },
    Kind {
        name: "rapid-reset",
        about: "streams that are reset at once, 500 a second each",
        clients: 4,
        page: false,
        attack: |a| Box::pin(h2::rapid_reset(a)),
    },
    Kind {
        name: "empty-frames",
        about: "empty DATA, CONTINUATION, PING and SETTINGS, 2,000 a second each",
        clients: 4,
        page: false,
        attack: |a| Box::pin(h2::empty_frames(a)),
    },
    Kind {
        name: "deflate-bombs",
        about: "WebSocket messages of 16 KB that inflate to 16 MB, 2.5 MB/s each",
        clients: 2,
        page: false,
        attack: |a| Box::pin(others::deflate_bomb(a)),
    },
    Kind {
        name: "connection-storm",
        about: "connections that say nothing, 400 a second, half of them with TLS",
        clients: 8,
        page: false,
        attack: |a| Box::pin(others::storm(a)),
    },
    Kind {
        name: "open-grpc",
        about: "gRPC streams that stay open, 100 a connection",
        clients: 20,
        page: false,
        attack: |a| Box::pin(h2::open_grpc(a)),
    },
    Kind {
        name: "giant-urls",
        about: "URLs of 60 and of 200 KB, 40 a second",
        clients: 4,
        page: false,
        attack: |a| Box::pin(h1::giant_urls(a)),
    },
    Kind {
        name: "stalled-watchers",
        about: "watchers of the live events that do not read",
        clients: 40,
        page: true,
        attack: |a| Box::pin(others::stalled_watcher(a)),
    },
    Kind {
        name: "junk",
        about: "random bytes, with TLS and without, 100 connections a second",
        clients: 4,
        page: false,
        attack: |a| Box::pin(others::junk(a)),
    },
];

/// One kind at work.
pub(super) struct Attacker {
    pub(super) target: Target,
    pub(super) from: Ipv4Addr,
    /// Connections so far.
    begun: AtomicU64,
}

/// The work that a kind of client got done.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) connections: u64,
    /// Those that were ended by the other side, or were never served.
    pub(super) cut_off: u64,
}

/// All kinds at work.
pub(super) struct Hostile {
    clients: JoinSet<()>,
    kinds: Vec<(Kind, Arc<Attacker>, Arc<AtomicU64>)>,
}

impl Attacker {
    /// Notes a connection.
    pub(super) fn begins(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }
}

/// Starts all that are wanted, on threads of their own, until `stop`.
pub(super) fn start(
    target: &Target,
    options: &Options,
    (stop, threads): (&Arc<AtomicBool>, &Handle),
) -> Hostile {
    let mut hostile = Hostile { clients: JoinSet::new(), kinds: Vec::new() };
    for (index, kind) in KINDS.into_iter().enumerate() {
        let wanted = options.only.is_empty() || options.only.iter().any(|only| only == kind.name);
        if !wanted || (kind.page && target.page.is_none()) {
            continue;
        }
        let from = Ipv4Addr::new(127, 0, 0, 2 + index as u8);
        let attacker = Arc::new(Attacker { target: target.clone(), from, begun: AtomicU64::new(0) });
        let cut_off = Arc::new(AtomicU64::new(0));
        for _ in 0..options.scaled(kind.clients) {
            let (attacker, cut_off, stop) = (Arc::clone(&attacker), Arc::clone(&cut_off), Arc::clone(stop));
            let client = async move {
                while !stop.load(Ordering::Relaxed) {
                    if (kind.attack)(Arc::clone(&attacker)).await.is_err() {
                        cut_off.fetch_add(1, Ordering::Relaxed);
                    }
                    // Not so fast that it becomes a connection storm.
                    sleep(Duration::from_millis(20)).await;
                }
            };
            hostile.clients.spawn_on(client, threads);
        }
        hostile.kinds.push((kind, attacker, cut_off));
    }
    hostile
}

impl Hostile {
    /// Ends them, wherever they are.
    pub(super) async fn stop(mut self, stop: &AtomicBool) -> Vec<Done> {
        stop.store(true, Ordering::Relaxed);
        self.clients.shutdown().await;
        let done = |(kind, attacker, cut_off): (Kind, Arc<Attacker>, Arc<AtomicU64>)| Done {
            name: kind.name,
            about: kind.about,
            connections: attacker.begun.load(Ordering::Relaxed),
            cut_off: cut_off.load(Ordering::Relaxed),
        };
        self.kinds.into_iter().map(done).collect()
    }
}

/// Fails once the other side has closed the connection or sent something that ends it; looks for `moment` at most.
async fn look(io: &mut (impl AsyncRead + Unpin), moment: Duration) -> Result<()> {
    let mut bytes = vec![0; 16 << 10];
    match timeout(moment, io.read(&mut bytes)).await {
        Err(_) => Ok(()),
        Ok(Ok(0)) => anyhow::bail!("closed"),
        Ok(read) => {
            read?;
            Ok(())
        }
    }
}
