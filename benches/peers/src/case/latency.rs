//! Latency at a rate that all contenders can bear.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::Measure::Each;
use super::{Case, Column, Layout, Origin, row};
use crate::load::{Client, Outcome, Route, crew, paced, until};
use crate::measured::Measured;
use crate::peer::{Contender, Peer, Way};
use crate::sample::{Figures, figure};

/// As many connections as in the other cases.
const CLIENTS: usize = 32;

pub(super) const HALF: Case = Case {
    name: "latency",
    title: "Latency at half load",
    about: "1 KiB over HTTP/1.1, TLS on both sides, 32 keep-alive connections, at half the rate that dashcam at `full` reaches under the \
            same client (our own, a thread for each connection). Latency counts from when a request was due.",
    contenders: &[
        (Peer::Direct, Way::Reverse),
        (Peer::Nginx, Way::Reverse),
        (Peer::Haproxy, Way::Reverse),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam("metrics"), Way::Reverse),
        (Peer::Dashcam("metadata"), Way::Reverse),
        (Peer::Dashcam("full"), Way::Reverse),
    ],
    client: "",
    origin: Origin::Files,
    layout: Layout::Columns(&[
        Column::compared("p99 ms", figure::P99, 1e3, 3),
        Column::plain("p50 ms", figure::P50, 1e3, 3),
        Column::plain("p99.9 ms", figure::P999, 1e3, 3),
        Column::plain("requests/s", figure::RATE, 1.0, 0),
        Column::plain("CPU µs/request", figure::CPU, 1.0, 1),
        Column::plain("stored", figure::STORED, 1.0, 0),
        Column::plain("dropped", figure::DROPPED, 1.0, 0),
    ]),
    rounds: usize::MAX,
    measure: Each(|measured| at_half(measured).map(row)),
};

fn at_half(measured: &Measured<'_>) -> Result<Figures> {
    let rate = match measured.rate.get() {
        Some(rate) => rate,
        None => saturated(measured)? / 2.0,
    };
    measured.rate.set(Some(rate));
    measured.under(|seconds| at(measured.running.route, rate, seconds))
}

/// Requests a second that the first dashcam reaches at `full`.
fn saturated(measured: &Measured<'_>) -> Result<f64> {
    let full = Contender::of(&Peer::Dashcam("full"), Way::Reverse, &measured.options.builds);
    let full = full.first().context("no dashcam")?;
    let running = full.start(measured.site, measured.site.origin, "saturated")?;
    let client = Client::new(running.route, false)?;
    let outcome = crew(CLIENTS, Duration::from_secs(measured.options.seconds.into()), |_, deadline| {
        let mut connection = client.connect(Ipv4Addr::LOCALHOST)?;
        until(deadline, || connection.get("1k.json"))
    })?;
    Ok(outcome.per_second)
}

fn at(route: Route, rate: f64, seconds: u32) -> Result<Outcome> {
    let client = Client::new(route, false)?;
    let interval = Duration::from_secs_f64(CLIENTS as f64 / rate);
    // Time to connect, before the first request is due.
    let lead = Duration::from_millis(500);
    let start = Instant::now() + lead;
    crew(CLIENTS, lead + Duration::from_secs(seconds.into()), |index, deadline| {
        let mut connection = client.connect(Ipv4Addr::LOCALHOST)?;
        let first = start + interval.mul_f64(index as f64 / CLIENTS as f64);
        paced(first, interval, deadline, || connection.get("1k.json"))
    })
}
