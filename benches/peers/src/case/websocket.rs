//! WebSocket messages, to and fro.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Result;

use super::Measure::Each;
use super::{Case, Column, Layout, Origin, row};
use crate::load::{Client, crew, until};
use crate::measured::Measured;
use crate::peer::{Peer, Way};
use crate::sample::{Figures, figure};

/// Connections at the same time.
const CLIENTS: usize = 32;

pub(super) const ECHO: Case = Case {
    name: "websocket",
    title: "WebSocket echo",
    about: "512 bytes to the origin and back, 32 connections over TLS on both sides; a client and an origin of our own. \
            A message that comes back counts once.",
    contenders: &[
        (Peer::Nginx, Way::Reverse),
        (Peer::Haproxy, Way::Reverse),
        (Peer::Mitmdump, Way::Forward),
        (Peer::Hudsucker, Way::Forward),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam("metrics"), Way::Forward),
        (Peer::Dashcam("metadata"), Way::Forward),
        (Peer::Dashcam("full"), Way::Forward),
    ],
    client: "",
    origin: Origin::Sink,
    layout: Layout::Columns(&[
        Column::compared("CPU µs/echo", figure::CPU, 1.0, 1),
        Column::plain("echoes/s", figure::RATE, 1.0, 0),
        Column::plain("p50 ms", figure::P50, 1e3, 2),
        Column::plain("p99 ms", figure::P99, 1e3, 2),
        Column::plain("peak RSS MB", figure::PEAK, 1e6, 0),
        Column::plain("disk B/echo", figure::WRITTEN, 1.0, 0),
    ]),
    rounds: usize::MAX,
    measure: Each(|measured| echo(measured).map(row)),
};

fn echo(measured: &Measured<'_>) -> Result<Figures> {
    let client = Client::new(measured.running.route, false)?;
    let message = [b'm'; 512];
    let mut seen = None;
    let mut figures = measured.costs(|| {
        let outcome = crew(CLIENTS, Duration::from_secs(measured.options.seconds.into()), |_, deadline| {
            let mut connection = client.connect(Ipv4Addr::LOCALHOST)?;
            connection.upgrade("echo")?;
            let times = until(deadline, || connection.echo(&message))?;
            connection.close();
            Ok(times)
        })?;
        seen = Some(outcome);
        Ok(outcome.requests as f64)
    })?;
    figures.extend(seen.iter().flat_map(crate::measured::of_outcome));
    measured.reckon(&mut figures, CLIENTS as u64)?;
    Ok(figures)
}
