//! Small responses through proxies that are sent CONNECT.

use anyhow::Result;

use super::Measure::Each;
use super::{Case, Origin, PER_REQUEST, row};
use crate::load::oha;
use crate::measured::Measured;
use crate::peer::{Peer, Way};
use crate::sample::Figures;

pub(super) const SMALL: Case = Case {
    name: "forward-1k",
    title: "1 KiB of JSON, CONNECT",
    about: "HTTP/1.1 over TLS on both sides; oha with 32 keep-alive connections, as fast as it can. nginx (and the dashcams \
            without “CONNECT”) as reverse proxies, under the same load generator.",
    contenders: &[
        (Peer::Nginx, Way::Reverse),
        (Peer::Squid, Way::Forward),
        (Peer::Mitmdump, Way::Forward),
        (Peer::Hudsucker, Way::Forward),
        (Peer::Dashcam("full"), Way::Reverse),
        (Peer::Dashcam("metrics"), Way::Forward),
        (Peer::Dashcam("metadata"), Way::Forward),
        (Peer::Dashcam("full"), Way::Forward),
    ],
    client: "oha",
    origin: Origin::Files,
    layout: PER_REQUEST,
    rounds: usize::MAX,
    measure: Each(|measured| get(measured, "1k.json").map(row)),
};

pub(super) const LARGER: Case = Case {
    name: "forward-10k",
    title: "10 KiB of JSON, CONNECT",
    measure: Each(|measured| get(measured, "10k.json").map(row)),
    ..SMALL
};

pub(super) const TUNNEL: Case = Case {
    name: "tunnel",
    title: "1 KiB of JSON, passed on unread",
    about: "HTTP/1.1 over one TLS session from client to origin; oha with 32 keep-alive connections. HAProxy is taken for the origin, \
            dashcam is sent CONNECT and is off.",
    contenders: &[(Peer::HaproxyTcp, Way::Reverse), (Peer::Dashcam("off"), Way::Forward)],
    ..SMALL
};

fn get(measured: &Measured<'_>, path: &str) -> Result<Figures> {
    measured.under(|seconds| oha(measured.running.route, path, seconds))
}
