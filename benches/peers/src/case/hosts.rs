//! Many hosts, each seldom: what a proxy for a whole office sees.

use std::net::Ipv4Addr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::Measure::Each;
use super::{Case, Column, Layout, Origin, row};
use crate::load::{Client, Connection, crew, paced};
use crate::measured::{Measured, of_outcome};
use crate::peer::{Peer, Way};
use crate::sample::{Figures, figure};

/// All at the same machine: the origin listens on all of 127.0.0.0/8.
pub(super) const HOSTS: usize = 1000;

pub(super) const MANY: Case = Case {
    name: "hosts",
    title: "1,000 hosts, one request a second to each",
    about: "1 KiB over HTTP/1.1, TLS on both sides, a kept connection to each host, after a first request for which the proxy issued a \
            certificate; a client of our own. Latency counts from when a request was due.",
    contenders: &[
        (Peer::Hudsucker, Way::Forward),
        (Peer::Squid, Way::Forward),
        (Peer::Mitmdump, Way::Forward),
        (Peer::Dashcam("off"), Way::Forward),
        (Peer::Dashcam("metrics"), Way::Forward),
        (Peer::Dashcam("full"), Way::Forward),
    ],
    client: "",
    origin: Origin::Files,
    layout: Layout::Columns(&[
        Column::compared("CPU µs/request", figure::CPU, 1.0, 0),
        Column::plain("CPU µs/new host", figure::NEW_HOST, 1.0, 0),
        Column::plain("requests/s", figure::RATE, 1.0, 0),
        Column::plain("p50 ms", figure::P50, 1e3, 2),
        Column::plain("p99 ms", figure::P99, 1e3, 2),
        Column::plain("peak RSS MB", figure::PEAK, 1e6, 0),
        Column::plain("stored", figure::STORED, 1.0, 0),
        Column::plain("dropped", figure::DROPPED, 1.0, 0),
    ]),
    rounds: usize::MAX,
    measure: Each(|measured| ask(measured).map(row)),
};

fn ask(measured: &Measured<'_>) -> Result<Figures> {
    let (hosts, seconds) =
        if measured.options.smoke { (50, 2) } else { (HOSTS, measured.options.seconds * 2) };
    let client = Client::new(measured.running.route, false)?;
    let connections = Mutex::new(Vec::new());
    let first = measured.costs(|| open(&client, hosts, &connections))?;
    let connections: Vec<Mutex<Connection>> = connections
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .into_iter()
        .map(Mutex::new)
        .collect();
    let mut seen = None;
    let mut figures = measured.costs(|| {
        let start = Instant::now();
        let outcome = crew(hosts, Duration::from_secs(seconds.into()), |index, deadline| {
            let connection = connections.get(index).context("too few connections")?;
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let due = start + Duration::from_secs(1).mul_f64(index as f64 / hosts as f64);
            paced(due, Duration::from_secs(1), deadline, || connection.get("1k.json"))
        })?;
        seen = Some(outcome);
        Ok(outcome.requests as f64)
    })?;
    let seen = seen.context("no outcome")?;
    figures.extend(of_outcome(&seen));
    figures.extend(first.get(figure::CPU).map(|cpu| (figure::NEW_HOST, *cpu)));
    connections.into_iter().for_each(|connection| {
        connection.into_inner().unwrap_or_else(PoisonError::into_inner).close();
    });
    measured.reckon(&mut figures, hosts as u64 + seen.requests)?;
    Ok(figures)
}

/// A connection to each host, with a first request.
fn open(client: &Client, hosts: usize, connections: &Mutex<Vec<Connection>>) -> Result<f64> {
    const THREADS: usize = 8;
    crew(THREADS, Duration::ZERO, |thread, _| {
        let mut times = Vec::new();
        for index in (thread..hosts).step_by(THREADS) {
            let start = Instant::now();
            let mut connection = client.connect(host(index))?;
            connection.get("1k.json")?;
            times.push(start.elapsed());
            connections.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        Ok(times)
    })?;
    Ok(hosts as f64)
}

/// The address of a host.
pub(super) fn host(index: usize) -> Ipv4Addr {
    let [_, _, high, low] = (index as u32 + 1).to_be_bytes();
    Ipv4Addr::new(127, 1, high, low)
}
