//! How cost grows: with the size of bodies, the number of fields, of connections, of hosts, and of exchanges that are
//! stored.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Result;

use super::Measure::Each;
use super::hosts::host;
use super::{Case, Column, Layout, Origin, Rows};
use crate::load::{Client, Wrk, crew, until, wrk};
use crate::measured::Measured;
use crate::peer::{HEADERS as FIELDS, Peer, Way, header};
use crate::sample::{Figures, figure};

const CPU: Layout = Layout::Variants(Column::plain("CPU µs/request", figure::CPU, 1.0, 1));

pub(super) const BODY: Case = Case {
    name: "scaling-body",
    title: "Cost and the size of bodies",
    about: "Response bodies of that size, HTTP/1.1 over TLS on both sides; wrk with 32 keep-alive connections.",
    contenders: &[
        (Peer::Nginx, Way::Reverse),
        (Peer::Dashcam("off"), Way::Reverse),
        (Peer::Dashcam("full"), Way::Reverse),
    ],
    client: "wrk",
    origin: Origin::Files,
    layout: CPU,
    // There are many, and what counts is how they differ.
    rounds: 1,
    measure: Each(bodies),
};

pub(super) const HEADERS: Case = Case {
    name: "scaling-headers",
    title: "Cost and the number of header fields",
    about: "So many fields more in each request and in each response, of about 30 bytes; 1 KiB; wrk with 32 keep-alive connections.",
    measure: Each(headers),
    ..BODY
};

pub(super) const CONNECTIONS: Case = Case {
    name: "scaling-connections",
    title: "Cost and the number of connections",
    about: "1 KiB; wrk with so many keep-alive connections.",
    measure: Each(connections),
    ..BODY
};

pub(super) const HOSTS: Case = Case {
    name: "scaling-hosts",
    title: "Cost and the number of hosts",
    about: "1 KiB from so many hosts in turn, 100 keep-alive connections in all, CONNECT; a client of our own.",
    contenders: &[
        (Peer::Hudsucker, Way::Forward),
        (Peer::Dashcam("metrics"), Way::Forward),
        (Peer::Dashcam("full"), Way::Forward),
    ],
    client: "",
    measure: Each(hosts),
    ..BODY
};

pub(super) const TUNNELS: Case = Case {
    name: "scaling-tunnels",
    title: "Cost and the size of bodies, passed on unread",
    about: "Response bodies of that size over one TLS session from client to origin, 32 keep-alive connections; a client of our own.",
    contenders: &[(Peer::HaproxyTcp, Way::Reverse), (Peer::Dashcam("off"), Way::Forward)],
    client: "",
    measure: Each(tunnels),
    ..BODY
};

pub(super) const STORED: Case = Case {
    name: "scaling-stored",
    title: "Cost and the number of exchanges stored",
    about: "1 KiB; wrk with 32 keep-alive connections, once so many exchanges are stored, or a few more.",
    contenders: &[(Peer::Dashcam("metadata"), Way::Reverse), (Peer::Dashcam("full"), Way::Reverse)],
    measure: Each(stored),
    ..BODY
};

const BODIES: [(&str, &str); 5] = [
    ("0 B", "0.json"),
    ("1 KiB", "1k.json"),
    ("10 KiB", "10k.json"),
    ("100 KiB", "100k.json"),
    ("1 MiB", "1m.json"),
];

fn bodies(measured: &Measured<'_>) -> Result<Rows> {
    let row = |(size, path): (&str, &str)| Ok((size.to_owned(), with(measured, &Wrk::get(path))?));
    BODIES.into_iter().map(row).collect()
}

fn headers(measured: &Measured<'_>) -> Result<Rows> {
    let row = |count: usize| {
        let path = format!("headers/{count}/1k.json");
        let how = Wrk { path, headers: (0..count).map(header).collect(), ..Wrk::get("") };
        Ok((format!("{count} more"), with(measured, &how)?))
    };
    FIELDS.into_iter().map(row).collect()
}

fn connections(measured: &Measured<'_>) -> Result<Rows> {
    let row = |connections: usize| {
        Ok((connections.to_string(), with(measured, &Wrk { connections, ..Wrk::get("1k.json") })?))
    };
    [1, 8, 64, 512].into_iter().map(row).collect()
}

fn with(measured: &Measured<'_>, how: &Wrk) -> Result<Figures> {
    measured.under(|seconds| wrk(measured.running.route, how, seconds))
}

fn hosts(measured: &Measured<'_>) -> Result<Rows> {
    let row = |hosts: usize| Ok((hosts.to_string(), clients(measured, 100, hosts, "1k.json")?));
    [1, 10, 100].into_iter().map(row).collect()
}

fn stored(measured: &Measured<'_>) -> Result<Rows> {
    let counts = if measured.options.smoke { [0, 500, 1000] } else { [0, 100_000, 1_000_000] };
    let row = |count: u32| {
        let mut figures = Figures::new();
        measured.reckon(&mut figures, 0)?;
        while figures.get(figure::STORED).is_some_and(|stored| *stored < f64::from(count)) {
            wrk(measured.running.route, &Wrk::get("1k.json"), 1)?;
            measured.reckon(&mut figures, 0)?;
        }
        Ok((count.to_string(), with(measured, &Wrk::get("1k.json"))?))
    };
    counts.into_iter().map(row).collect()
}

fn tunnels(measured: &Measured<'_>) -> Result<Rows> {
    let row = |(size, path): (&str, &str)| Ok((size.to_owned(), clients(measured, 32, 1, path)?));
    BODIES.into_iter().map(row).collect()
}

/// So many connections to so many hosts.
fn clients(measured: &Measured<'_>, count: usize, hosts: usize, path: &str) -> Result<Figures> {
    let client = Client::new(measured.running.route, false)?;
    measured.under(|seconds| {
        crew(count, Duration::from_secs(seconds.into()), |index, deadline| {
            let address = if hosts == 1 { Ipv4Addr::LOCALHOST } else { host(index % hosts) };
            let mut connection = client.connect(address)?;
            let times = until(deadline, || connection.get(path))?;
            connection.close();
            Ok(times)
        })
    })
}
