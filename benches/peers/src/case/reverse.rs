//! Small responses through proxies that are taken for the origin.

use super::Measure::Each;
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
        (Peer::NewerNginx, Way::Reverse),
        (Peer::Envoy, Way::Reverse),
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
    measure: Each(|measured| get(measured, "1k.json").map(row)),
};

pub(super) const LARGER: Case = Case {
    name: "reverse-10k",
    title: "10 KiB of JSON, reverse proxy",
    measure: Each(|measured| get(measured, "10k.json").map(row)),
    ..SMALL
};

pub(super) const VARIED: Case = Case {
    name: "varied-1k",
    title: "1 KiB of JSON that differs each time, reverse proxy",
    about: "HTTP/1.1 over TLS on both sides, from an origin of our own: ids, numbers and times in the body, and four of ten header fields, are \
            new in each response. wrk with 32 keep-alive connections, each of which rests for 4 ms before it asks again, so that everything \
            can be stored.",
    contenders: &[
        (Peer::Nginx, Way::Reverse),
        (Peer::NewerNginx, Way::Reverse),
        (Peer::Envoy, Way::Reverse),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam("metadata"), Way::Reverse),
        (Peer::Dashcam("full"), Way::Reverse),
    ],
    origin: Origin::Sink,
    measure: Each(|measured| resting(measured, "api/1024", 4).map(row)),
    ..SMALL
};

pub(super) const VARIED_LARGER: Case = Case {
    name: "varied-10k",
    title: "10 KiB of JSON that differ each time, reverse proxy",
    about: "As varied-1k; connections rest for 8 ms.",
    measure: Each(|measured| resting(measured, "api/10240", 8).map(row)),
    ..VARIED
};

fn resting(measured: &Measured<'_>, path: &str, rest: u32) -> anyhow::Result<crate::sample::Figures> {
    let how = Wrk { rest: Some(rest), ..Wrk::get(path) };
    measured.under(|seconds| wrk(measured.running.route, &how, seconds))
}

fn get(measured: &Measured<'_>, path: &str) -> anyhow::Result<crate::sample::Figures> {
    measured.under(|seconds| wrk(measured.running.route, &Wrk::get(path), seconds))
}
