//! Requests to very many hosts in turn, beside as many to one.

use std::net::Ipv4Addr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Measure::Each;
use super::hosts::{self, HOSTS};
use super::{Case, Column, Layout, Origin, Rows, row};
use crate::load::{Client, Connection, crew, until};
use crate::measured::{Measured, of_outcome};
use crate::peer::{Peer, Way};
use crate::sample::{Figures, figure};

/// Clients that ask side by side, each over its share of the connections, one after the other.
const THREADS: usize = 8;

pub(super) const IN_TURN: Case = Case {
    name: "turns",
    title: "Requests to 1,000 hosts in turn",
    about: "1 KiB over HTTP/1.1, TLS on both sides, CONNECT; a client of our own with 8 threads and 1,000 kept connections, which have had \
            a request each before: all to one host, and then one to each of 1,000 (addresses of 127.0.0.0/8). “Few connections” are 8 to one \
            host.",
    contenders: &[
        (Peer::Hudsucker, Way::Forward),
        (Peer::Dashcam("off"), Way::Forward),
        (Peer::Dashcam("metrics"), Way::Forward),
        (Peer::Dashcam("full"), Way::Forward),
    ],
    client: "",
    origin: Origin::Files,
    layout: Layout::Columns(&[
        Column::compared("CPU µs/request, 1,000 hosts", figure::CPU, 1.0, 1),
        Column::plain("one host", figure::ONE_HOST, 1.0, 1),
        Column::plain("= 1", figure::HOSTS_TO_ONE, 1.0, 2),
        Column::plain("one host, few connections", figure::FEW_CONNECTIONS, 1.0, 1),
        Column::plain("= 1", figure::HOSTS_TO_FEW, 1.0, 2),
        Column::plain("requests/s", figure::RATE, 1.0, 0),
        Column::plain("p99 ms", figure::P99, 1e3, 2),
        Column::plain("stored", figure::STORED, 1.0, 0),
        Column::plain("dropped", figure::DROPPED, 1.0, 0),
    ]),
    rounds: usize::MAX,
    measure: Each(measure),
};

fn measure(measured: &Measured<'_>) -> Result<Rows> {
    let many = if measured.options.smoke { 50 } else { HOSTS };
    let one = ask(measured, many, |_| Ipv4Addr::LOCALHOST)?;
    let few =
        if measured.options.smoke { one.clone() } else { ask(measured, THREADS, |_| Ipv4Addr::LOCALHOST)? };
    let mut figures = ask(measured, many, hosts::host)?;
    let cpu = |figures: &Figures| figures.get(figure::CPU).copied().context("no processor time");
    let (few, one, all) = (cpu(&few)?, cpu(&one)?, cpu(&figures)?);
    figures.extend([
        (figure::FEW_CONNECTIONS, few),
        (figure::ONE_HOST, one),
        (figure::HOSTS_TO_ONE, all / one),
        (figure::HOSTS_TO_FEW, all / few),
    ]);
    Ok(row(figures))
}

/// The cost of a request, over `count` connections in turn.
fn ask(measured: &Measured<'_>, count: usize, host: impl Fn(usize) -> Ipv4Addr + Sync) -> Result<Figures> {
    let client = Client::new(measured.running.route, false)?;
    let places: Vec<Mutex<Vec<Connection>>> = (0..THREADS).map(|_| Mutex::default()).collect();
    let own = |thread: usize| {
        let place = places.get(thread).context("too few places")?;
        anyhow::Ok(place.lock().unwrap_or_else(PoisonError::into_inner))
    };
    crew(THREADS, Duration::ZERO, |thread, _| {
        let mut connections = own(thread)?;
        for index in (thread..count).step_by(THREADS) {
            let mut connection = client.connect(host(index))?;
            connection.get("1k.json")?;
            connections.push(connection);
        }
        Ok(vec![Duration::ZERO])
    })?;
    measured.process()?.settled()?;
    let mut seen = None;
    let mut figures = measured.costs(|| {
        let outcome =
            crew(THREADS, Duration::from_secs(measured.options.seconds.into()), |thread, deadline| {
                let mut connections = own(thread)?;
                let mut turn = 0;
                until(deadline, || {
                    let index = turn % connections.len();
                    turn += 1;
                    connections.get_mut(index).context("no connection")?.get("1k.json")
                })
            })?;
        seen = Some(outcome);
        Ok(outcome.requests as f64)
    })?;
    let seen = seen.context("no outcome")?;
    figures.extend(of_outcome(&seen));
    for place in places {
        let connections = place.into_inner().unwrap_or_else(PoisonError::into_inner);
        connections.into_iter().for_each(Connection::close);
    }
    measured.reckon(&mut figures, count as u64 + seen.requests)?;
    Ok(figures)
}
