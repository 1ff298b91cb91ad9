//! Connections that have served a request and wait.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rustix::process::{Resource, getrlimit};

use super::Measure::Each;
use super::hosts::host;
use super::{Case, Column, Layout, Origin, row};
use crate::load::{Client, Connection, crew};
use crate::measured::Measured;
use crate::peer::{Peer, Way};
use crate::sample::{Figures, figure};

/// Connections that come first, one after the other.
const WARMING: usize = 8;
/// Wanted, if the limit on open files lets us.
const PAIRS_WANTED: usize = 10_000;

pub(super) const MANY: Case = Case {
    name: "idle",
    title: "10,000 idle connections",
    about: "So many client connections over TLS as files may be open, each with a connection to the origin of its own for a moment (all had a request under way at \
            the same time); to 40 hosts, where proxies are sent CONNECT. Memory is what the processes have more than before, when they had served as \
            many requests over a few connections.",
    contenders: &[
        (Peer::Nginx, Way::Reverse),
        (Peer::Haproxy, Way::Reverse),
        (Peer::Hudsucker, Way::Forward),
        (Peer::Dashcam("off"), Way::Forward),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam("metrics"), Way::Forward),
        (Peer::Dashcam("full"), Way::Forward),
    ],
    client: "",
    origin: Origin::Sink,
    layout: Layout::Columns(&[
        Column::compared("KiB/connection", figure::PAIR, 1024.0, 1),
        Column::plain("client connections", figure::REQUESTS, 1.0, 0),
        Column::plain("kept to the origin", figure::PAIRS, 1.0, 0),
        Column::plain("CPU µs/connection", figure::CPU, 1.0, 0),
        Column::plain("peak RSS MB", figure::PEAK, 1e6, 0),
    ]),
    // It takes long, and memory varies little.
    rounds: 1,
    measure: Each(|measured| idle(measured, affordable()).map(row)),
};

pub(super) const PAIRS: Case = Case {
    name: "idle-pairs",
    title: "Idle pairs of connections",
    about: "The same with 2,000, so few that all keep a connection to the origin for each.",
    contenders: &[
        (Peer::Nginx, Way::Reverse),
        (Peer::Haproxy, Way::Reverse),
        (Peer::Hudsucker, Way::Forward),
        (Peer::Dashcam("off"), Way::Forward),
        (Peer::Dashcam("metrics"), Way::Forward),
        (Peer::Dashcam("full"), Way::Forward),
    ],
    measure: Each(|measured| idle(measured, affordable().min(2000)).map(row)),
    ..MANY
};

fn idle(measured: &Measured<'_>, count: usize) -> Result<Figures> {
    let process = measured.process()?;
    let count = if measured.options.smoke { 100 } else { count };
    let client = Client::new(measured.running.route, false)?;
    // Threads, caches and code are there before memory is looked at, also those of who records so many requests.
    (0..WARMING).try_for_each(|_| {
        let mut connection = client.connect(host(0))?;
        (0..count.div_ceil(WARMING)).try_for_each(|_| connection.get("warm"))?;
        connection.close();
        anyhow::Ok(())
    })?;
    let before = process.settled()?;
    let elsewhere = measured.sink.connections();
    let mut open = Vec::new();
    let mut figures = measured.costs(|| {
        open = hold(&client, count, process.port)?;
        Ok(count as f64)
    })?;
    let after = process.settled()?;
    // One of the first may have been kept, and serve again.
    let pairs = (measured.sink.connections() + WARMING).saturating_sub(elsewhere).min(count);
    ensure!(open.len() == count && pairs > 0, "{} connections, {pairs} pairs", open.len());
    figures.insert(figure::PAIR, after.rss.saturating_sub(before.rss) as f64 / count as f64);
    figures.insert(figure::PAIRS, pairs as f64);
    figures.insert(figure::REQUESTS, count as f64);
    measured.reckon(&mut figures, count as u64)?;
    Ok(figures)
}

/// How many pairs every process may have: two files each.
fn affordable() -> usize {
    let files = getrlimit(Resource::Nofile).current.map_or(usize::MAX, |files| files as usize);
    (files.saturating_sub(1000) / 2).min(PAIRS_WANTED)
}

/// Destinations, where the proxy is told them: proxies keep a limited number of connections for each.
const HOSTS: usize = 40;

/// So many connections, all of which have had a request under way at the same time.
fn hold(client: &Client, count: usize, token: u16) -> Result<Vec<Connection>> {
    const THREADS: usize = 8;
    let open = Mutex::new(Vec::with_capacity(count));
    crew(THREADS, Duration::ZERO, |thread, _| {
        let start = Instant::now();
        for index in (thread..count).step_by(THREADS) {
            let connection = client.connect(host(index % HOSTS))?;
            open.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        Ok(vec![start.elapsed()])
    })?;
    let mut open = open.into_inner().unwrap_or_else(PoisonError::into_inner);
    open.iter_mut().try_for_each(|connection| connection.ask(&format!("hold/{count}/{token}")))?;
    open.iter_mut().try_for_each(Connection::answer)?;
    Ok(open)
}
