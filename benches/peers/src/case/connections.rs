//! A new connection for every request.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Result;

use super::Measure::Each;
use super::{Case, Column, Layout, Origin, row};
use crate::load::{Client, crew, until};
use crate::measured::Measured;
use crate::peer::{Peer, Way};
use crate::sample::{Figures, figure};

/// Clients at the same time: enough that a proxy is busy even if each handshake waits for a delayed
/// acknowledgement.
const CLIENTS: usize = 64;

pub(super) const NEW: Case = Case {
    name: "connections",
    title: "A new connection for each request",
    about: "Connect, handshake (TLS 1.3, no resumption), 1 KiB over HTTP/1.1, close; 64 clients of our own. \
            Connections to the origin are kept, by those that keep them.",
    contenders: &[
        (Peer::Hudsucker, Way::Forward),
        (Peer::Nginx, Way::Reverse),
        (Peer::NewerNginx, Way::Reverse),
        (Peer::Envoy, Way::Reverse),
        (Peer::Haproxy, Way::Reverse),
        (Peer::Squid, Way::Forward),
        (Peer::Mitmdump, Way::Forward),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam("full"), Way::Reverse),
        (Peer::Dashcam("metrics"), Way::Forward),
        (Peer::Dashcam("full"), Way::Forward),
    ],
    client: "",
    origin: Origin::Files,
    layout: Layout::Columns(&[
        Column::compared("CPU µs/connection", figure::CPU, 1.0, 0),
        Column::plain("connections/s", figure::RATE, 1.0, 0),
        Column::plain("p50 ms", figure::P50, 1e3, 2),
        Column::plain("p99 ms", figure::P99, 1e3, 2),
        Column::plain("peak RSS MB", figure::PEAK, 1e6, 0),
        Column::plain("stored", figure::STORED, 1.0, 0),
        Column::plain("dropped", figure::DROPPED, 1.0, 0),
    ]),
    rounds: usize::MAX,
    measure: Each(|measured| connect(measured, false).map(row)),
};

pub(super) const RESUMED: Case = Case {
    name: "resumed",
    title: "A new connection for each request, sessions resumed",
    about: "As above, but clients resume their TLS sessions where they are let.",
    measure: Each(|measured| connect(measured, true).map(row)),
    ..NEW
};

fn connect(measured: &Measured<'_>, resume: bool) -> Result<Figures> {
    let client = Client::new(measured.running.route, resume)?;
    measured.under(|seconds| {
        crew(CLIENTS, Duration::from_secs(seconds.into()), |_, deadline| {
            until(deadline, || {
                let mut connection = client.connect(Ipv4Addr::LOCALHOST)?;
                connection.get("1k.json")?;
                connection.close();
                Ok(())
            })
        })
    })
}
