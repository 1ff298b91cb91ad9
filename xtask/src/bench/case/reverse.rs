//! Small responses through proxies that are taken for the origin.

use anyhow::Result;

use super::{Case, Measured, Origin, PER_REQUEST};
use crate::bench::load::{Wrk, wrk};
use crate::bench::peer::{Peer, Way};
use crate::bench::sample::Figures;

const CONTENDERS: &[(Peer, Way)] = &[
    (Peer::Nginx, Way::Reverse),
    (Peer::Haproxy, Way::Reverse),
    (Peer::Dashcam("off"), Way::Reverse),
    (Peer::Dashcam("metrics"), Way::Reverse),
    (Peer::Dashcam("metadata"), Way::Reverse),
    (Peer::Dashcam("full"), Way::Reverse),
];

pub(super) const SMALL: Case = Case {
    name: "reverse-1k",
    title: "1 KiB of JSON, reverse",
    about: "HTTP/1.1 over TLS on both sides; wrk with 32 keep-alive connections, as fast as it can.",
    contenders: CONTENDERS,
    origin: Origin::Files,
    columns: PER_REQUEST,
    measure: |measured| get(measured, "1k.json"),
};

pub(super) const LARGER: Case = Case {
    name: "reverse-10k",
    title: "10 KiB of JSON, reverse",
    measure: |measured| get(measured, "10k.json"),
    ..SMALL
};

fn get(measured: &Measured<'_>, path: &str) -> Result<Vec<(String, Figures)>> {
    let load = |seconds| wrk(measured.running.route, &Wrk::get(path), seconds);
    Ok(vec![(String::new(), measured.under(load)?)])
}
