//! Small responses through proxies that are taken for the origin.

use super::{Case, Origin, PER_REQUEST, row};
use crate::load::{Wrk, wrk};
use crate::measured::Measured;
use crate::peer::{Peer, Way};

pub(super) const SMALL: Case = Case {
    name: "reverse-1k",
    title: "1 KiB of JSON, reverse proxy",
    about: "HTTP/1.1 over TLS on both sides; wrk with 32 keep-alive connections, as fast as it can.",
    contenders: &[
        (Peer::Nginx, Way::Reverse),
        (Peer::Haproxy, Way::Reverse),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam("metrics"), Way::Reverse),
        (Peer::Dashcam("metadata"), Way::Reverse),
        (Peer::Dashcam("full"), Way::Reverse),
    ],
    client: "wrk",
    origin: Origin::Files,
    layout: PER_REQUEST,
    rounds: usize::MAX,
    measure: |measured| get(measured, "1k.json").map(row),
};

pub(super) const LARGER: Case = Case {
    name: "reverse-10k",
    title: "10 KiB of JSON, reverse proxy",
    measure: |measured| get(measured, "10k.json").map(row),
    ..SMALL
};

fn get(measured: &Measured<'_>, path: &str) -> anyhow::Result<crate::sample::Figures> {
    measured.under(|seconds| wrk(measured.running.route, &Wrk::get(path), seconds))
}
