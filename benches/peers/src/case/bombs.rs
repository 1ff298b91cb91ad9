//! Healthy requests beside a client whose deflated WebSocket messages grow a thousandfold.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use flate2::{Compress, Compression, FlushCompress};

use super::Measure::Each;
use super::{Case, Column, Layout, Origin, Rows};
use crate::load::{Client, Outcome, crew, paced};
use crate::measured::{Measured, of_outcome};
use crate::peer::{Peer, Way};
use crate::sample::figure;

/// Healthy connections, and how often each asks.
const CLIENTS: usize = 8;
const INTERVAL: Duration = Duration::from_millis(10);
/// Bytes that a hostile message inflates to.
const INFLATED: usize = 1 << 20;
/// Bytes of them a second, as they pass.
const SPEED: f64 = 5e6;

pub(super) const BESIDE: Case = Case {
    name: "bombs",
    title: "Beside a client that sends bombs: p50 ms of others",
    about: "8 connections over TLS on both sides that ask 100 times a second each, alone and beside one client that sends 5 MB/s of \
            WebSocket messages, deflated, each of which inflates to 1 MiB. Latency counts from when a request was due.",
    contenders: &[
        (Peer::Nginx, Way::Reverse),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam("full"), Way::Reverse),
    ],
    client: "",
    origin: Origin::Sink,
    layout: Layout::Variants(Column::plain("p50 ms", figure::P50, 1e3, 3)),
    rounds: usize::MAX,
    measure: Each(alone_and_beside),
};

fn alone_and_beside(measured: &Measured<'_>) -> Result<Rows> {
    let client = Client::new(measured.running.route, false)?;
    let time = Duration::from_secs(measured.options.seconds.into());
    let mut rows = Rows::new();
    for (variant, is_beside) in [("alone", false), ("beside it", true)] {
        let mut seen = None;
        let mut figures = measured.costs(|| {
            let outcome = if is_beside { beside(&client, time) } else { healthy(&client, time) }?;
            seen = Some(outcome);
            Ok(outcome.requests as f64)
        })?;
        figures.extend(of_outcome(&seen.context("no outcome")?));
        measured.reckon(&mut figures, CLIENTS as u64)?;
        rows.push((variant.to_owned(), figures));
    }
    Ok(rows)
}

fn healthy(client: &Client, time: Duration) -> Result<Outcome> {
    let start = Instant::now() + Duration::from_millis(200);
    crew(CLIENTS, Duration::from_millis(200) + time, |index, deadline| {
        let mut connection = client.connect(Ipv4Addr::LOCALHOST)?;
        let first = start + INTERVAL.mul_f64(index as f64 / CLIENTS as f64);
        paced(first, INTERVAL, deadline, || connection.get("done"))
    })
}

fn beside(client: &Client, time: Duration) -> Result<Outcome> {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let hostile = scope.spawn(|| send_bombs(client, &over));
        let outcome = healthy(client, time);
        over.store(true, Ordering::Relaxed);
        hostile.join().map_err(|_| anyhow::anyhow!("the hostile client panicked"))??;
        outcome
    })
}

fn send_bombs(client: &Client, over: &AtomicBool) -> Result<()> {
    let mut connection = client.connect(Ipv4Addr::LOCALHOST)?;
    connection.upgrade("deflated")?;
    let mut deflate = Compress::new(Compression::best(), false);
    let mut bomb = Vec::with_capacity(INFLATED);
    deflate.compress_vec(&vec![0; INFLATED], &mut bomb, FlushCompress::Sync)?;
    bomb.truncate(bomb.len() - 4);
    let interval = Duration::from_secs_f64(bomb.len() as f64 / SPEED);
    // A minute is longer than any measurement; each piece looks whether it is over.
    let ended = || anyhow::anyhow!("over");
    let deadline = Instant::now() + Duration::from_secs(60);
    let sent = paced(Instant::now(), interval, deadline, || match over.load(Ordering::Relaxed) {
        true => Err(ended()),
        false => connection.send(0xc2, &bomb),
    });
    match sent {
        Err(_) if over.load(Ordering::Relaxed) => Ok(()),
        sent => sent.map(drop),
    }
}
