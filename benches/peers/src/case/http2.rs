//! Clients that speak HTTP/2, an origin that doesn't.

use super::Measure::Each;
use super::{Case, Origin, PER_REQUEST, row};
use crate::load::h2load;
use crate::measured::Measured;
use crate::peer::{Peer, Way};
use crate::sample::Figures;

pub(super) const CLIENT_SIDE: Case = Case {
    name: "h2",
    title: "1 KiB of JSON, clients with HTTP/2",
    about: "HTTP/2 over TLS from the client, HTTP/1.1 over TLS to the origin; h2load with 8 connections of 16 streams.",
    contenders: &[
        (Peer::Nginx, Way::Reverse),
        (Peer::NewerNginx, Way::Reverse),
        (Peer::Envoy, Way::Reverse),
        (Peer::Haproxy, Way::Reverse),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam("metrics"), Way::Reverse),
        (Peer::Dashcam("full"), Way::Reverse),
    ],
    client: "h2load",
    origin: Origin::Files,
    layout: PER_REQUEST,
    rounds: usize::MAX,
    measure: Each(|measured| get(measured).map(row)),
};

fn get(measured: &Measured<'_>) -> anyhow::Result<Figures> {
    let log = measured.process()?.folder.join("h2load.log");
    measured.under(|seconds| h2load(measured.running.route, "1k.json", seconds, &log))
}
