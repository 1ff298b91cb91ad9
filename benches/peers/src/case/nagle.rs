//! Uploads of clients that write head and body apart, and leave it to the system when the body goes (Nagle's algorithm).

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Result;

use super::Measure::Each;
use super::{Case, Column, Layout, Origin, row};
use crate::load::{Client, crew, until};
use crate::measured::Measured;
use crate::peer::{Peer, Way};
use crate::sample::{Figures, figure};

/// Few: the wait for an acknowledgement counts, not the load.
const CLIENTS: usize = 2;
/// A form or a bit of JSON.
const BODY: [u8; 300] = [b'x'; 300];

pub(super) const POST: Case = Case {
    name: "post-nagle",
    title: "Small uploads whose head and body are written apart",
    about: "Connect, handshake, a POST of 300 bytes whose head and body are two writes without TCP_NODELAY, as Python's `requests` \
            does it, close; 2 clients and an origin of our own.",
    contenders: &[
        (Peer::Direct, Way::Reverse),
        (Peer::Nginx, Way::Reverse),
        (Peer::Mitmdump, Way::Forward),
        (Peer::Dashcam("full"), Way::Reverse),
        (Peer::Dashcam("full"), Way::Forward),
    ],
    client: "",
    origin: Origin::Sink,
    layout: Layout::Columns(&[
        Column::compared("p50 ms", figure::P50, 1e3, 2),
        Column::plain("p99 ms", figure::P99, 1e3, 2),
        Column::plain("requests/s", figure::RATE, 1.0, 0),
        Column::plain("CPU µs/request", figure::CPU, 1.0, 1),
        Column::plain("stored", figure::STORED, 1.0, 0),
        Column::plain("dropped", figure::DROPPED, 1.0, 0),
    ]),
    rounds: usize::MAX,
    measure: Each(|measured| post(measured).map(row)),
};

fn post(measured: &Measured<'_>) -> Result<Figures> {
    let client = Client::new(measured.running.route, false)?;
    measured.under(|seconds| {
        crew(CLIENTS, Duration::from_secs(seconds.into()), |_, deadline| {
            until(deadline, || {
                let mut connection = client.connect(Ipv4Addr::LOCALHOST)?;
                connection.post_apart("upload", &BODY)?;
                connection.close();
                Ok(())
            })
        })
    })
}
