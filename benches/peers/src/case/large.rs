//! One large body at a time.

use anyhow::Result;

use super::Measure::Each;
use super::{Case, Column, Layout, Origin, row};
use crate::load::{Transfer, curl};
use crate::measured::Measured;
use crate::peer::{Peer, Way};
use crate::sample::{Figures, figure};
use crate::site::LARGE;

/// Transfers in each round.
const TRANSFERS: usize = 5;

pub(super) const DOWNLOAD: Case = Case {
    name: "download",
    title: "100 MiB download",
    about: "HTTP/1.1 over TLS on both sides, from nginx; curl, one transfer after the other, medians of 5.",
    contenders: &[
        (Peer::Direct, Way::Reverse),
        (Peer::Nginx, Way::Reverse),
        (Peer::NewerNginx, Way::Reverse),
        (Peer::Envoy, Way::Reverse),
        (Peer::Haproxy, Way::Reverse),
        (Peer::HaproxyTcp, Way::Reverse),
        (Peer::Squid, Way::Forward),
        (Peer::Mitmdump, Way::Forward),
        (Peer::Hudsucker, Way::Forward),
        (Peer::Dashcam("off"), Way::Forward),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam("metrics"), Way::Forward),
        (Peer::Dashcam("full"), Way::Reverse),
        (Peer::Dashcam("full"), Way::Forward),
    ],
    client: "curl",
    origin: Origin::Files,
    layout: Layout::Columns(&[
        Column::compared("MB/s", figure::SPEED, 1e6, 0),
        Column::plain("CPU s/GB", figure::CPU, 1e6, 2),
        Column::plain("peak RSS MB", figure::PEAK, 1e6, 0),
        Column::plain("stored", figure::STORED, 1.0, 0),
        Column::plain("dropped", figure::DROPPED, 1.0, 0),
    ]),
    rounds: usize::MAX,
    measure: Each(|measured| transfer(measured, "100m.bin", Transfer::Download).map(row)),
};

pub(super) const UPLOAD: Case = Case {
    name: "upload",
    title: "100 MiB upload",
    about: "The same the other way, to an origin that throws it away.",
    origin: Origin::Sink,
    measure: Each(|measured| {
        let file = measured.site.folder.join("www/100m.bin");
        transfer(measured, "upload", Transfer::Upload(&file)).map(row)
    }),
    ..DOWNLOAD
};

fn transfer(measured: &Measured<'_>, path: &str, transfer: Transfer<'_>) -> Result<Figures> {
    let transfers = if measured.options.smoke { 1 } else { TRANSFERS };
    let once = || curl(measured.running.route, path, transfer, LARGE);
    let mut made = 0;
    if !measured.options.smoke {
        once()?;
        made += 1;
    }
    let mut speeds = Vec::new();
    let mut figures = measured.costs(|| {
        for _ in 0..transfers {
            speeds.push(once()?);
            made += 1;
        }
        Ok((transfers as u64 * LARGE) as f64 / 1e9)
    })?;
    speeds.sort_by(f64::total_cmp);
    figures.insert(figure::SPEED, speeds.get(speeds.len() / 2).copied().unwrap_or(f64::NAN));
    measured.reckon(&mut figures, made)?;
    Ok(figures)
}
