//! The growth of memory with what has passed.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Result;

use super::Measure::Each;
use super::{Case, Column, Layout, Origin, row};
use crate::load::{Client, Wrk, crew, wrk};
use crate::measured::Measured;
use crate::peer::{Peer, Way};
use crate::sample::{Figures, figure};

/// Exchanges before memory is looked at for the first time: by 20 clients.
const EARLY: usize = 10_000;

/// And for the last time.
const LATE: u64 = 1_000_000;

pub(super) const GROWTH: Case = Case {
    name: "memory",
    title: "Memory after 10,000 and after 1,000,000 exchanges",
    about: "1 KiB over HTTP/1.1, TLS on both sides; memory of all its processes at rest, without connections.",
    contenders: &[(Peer::Dashcam("metrics"), Way::Reverse), (Peer::Dashcam("full"), Way::Reverse)],
    client: "wrk",
    origin: Origin::Files,
    layout: Layout::Columns(&[
        Column::plain("MB after 10,000", figure::EARLY, 1e6, 1),
        Column::plain("MB after 1,000,000", figure::LATE, 1e6, 1),
        Column::plain("growth MB", figure::GROWTH, 1e6, 1),
        Column::plain("peak RSS MB", figure::PEAK, 1e6, 1),
        Column::plain("exchanges", figure::REQUESTS, 1.0, 0),
        Column::plain("stored", figure::STORED, 1.0, 0),
        Column::plain("dropped", figure::DROPPED, 1.0, 0),
    ]),
    // It takes long.
    rounds: 1,
    measure: Each(|measured| grow(measured).map(row)),
};

fn grow(measured: &Measured<'_>) -> Result<Figures> {
    let (early, late) = if measured.options.smoke { (EARLY / 10, LATE / 100) } else { (EARLY, LATE) };
    let burst = if measured.options.smoke { 1 } else { 5 };
    let process = measured.process()?;
    let mut made = first(measured, early)?;
    // Nothing is under way any more, so that memory is what is kept.
    measured.reckon(&mut Figures::new(), made)?;
    let before = process.settled()?.rss as f64;
    while made < late {
        made += wrk(measured.running.route, &Wrk::get("1k.json"), burst)?.requests;
    }
    let mut figures = Figures::new();
    measured.reckon(&mut figures, made)?;
    let after = process.settled()?;
    figures.insert(figure::EARLY, before);
    figures.insert(figure::LATE, after.rss as f64);
    figures.insert(figure::GROWTH, after.rss as f64 - before);
    figures.insert(figure::PEAK, after.peak_rss as f64);
    figures.insert(figure::REQUESTS, made as f64);
    Ok(figures)
}

/// Exactly so many requests.
fn first(measured: &Measured<'_>, count: usize) -> Result<u64> {
    const CLIENTS: usize = 20;
    let client = Client::new(measured.running.route, false)?;
    let outcome = crew(CLIENTS, Duration::ZERO, |_, _| {
        let mut connection = client.connect(Ipv4Addr::LOCALHOST)?;
        for _ in 0..count / CLIENTS {
            connection.get("1k.json")?;
        }
        connection.close();
        Ok(vec![Duration::ZERO; count / CLIENTS])
    })?;
    Ok(outcome.requests)
}
