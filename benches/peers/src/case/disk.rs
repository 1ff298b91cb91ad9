//! The size of a recording on the disk, beside another one of the same traffic.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::{Case, Column, Layout, Origin, Rows};
use crate::load::{Client, crew};
use crate::measured::Measured;
use crate::peer::{Peer, Way};
use crate::sample::figure;
use crate::site::{ANSWERS, answer};

const CLIENTS: usize = 8;

pub(super) const ANSWERED: Case = Case {
    name: "disk",
    title: "Bytes on disk",
    about: "10 KiB of JSON, each answer another one, HTTP/1.1 over TLS on both sides, CONNECT; 8 keep-alive connections of a \
            client of our own. The recording's bytes, less those of an empty one, and as many of the same exchanges as HAR.",
    contenders: &[(Peer::Mitmdump, Way::Forward), (Peer::Dashcam("full"), Way::Forward)],
    client: "",
    origin: Origin::Files,
    layout: Layout::Columns(&[
        Column::compared("B/exchange", figure::DISK, 1.0, 0),
        Column::plain("as HAR, B/exchange", figure::HAR, 1.0, 0),
        Column::plain("CPU µs/request", figure::CPU, 1.0, 0),
        Column::plain("requests", figure::REQUESTS, 1.0, 0),
        Column::plain("stored", figure::STORED, 1.0, 0),
        Column::plain("dropped", figure::DROPPED, 1.0, 0),
    ]),
    rounds: 1,
    measure,
};

fn measure(measured: &Measured<'_>) -> Result<Rows> {
    let recording = measured.running.recording.as_ref().context("a contender that records nothing")?;
    let empty = recording.bytes()?;
    let client = Client::new(measured.running.route, false)?;
    let each = if measured.options.smoke { 10 } else { ANSWERS / CLIENTS };
    let made = (each * CLIENTS) as f64;
    let mut figures = measured.costs(|| {
        crew(CLIENTS, Duration::ZERO, |index, _| {
            let mut connection = client.connect(Ipv4Addr::LOCALHOST)?;
            (0..each).try_for_each(|number| connection.get(&answer(index * each + number)))?;
            connection.close();
            Ok(vec![Duration::ZERO; each])
        })?;
        Ok(made)
    })?;
    measured.reckon(&mut figures, (each * CLIENTS) as u64)?;
    figures.insert(figure::REQUESTS, made);
    figures.insert(figure::DISK, recording.bytes()?.saturating_sub(empty) as f64 / made);
    let har: Option<u64> = recording.har_bytes()?;
    figures.extend(har.map(|bytes| (figure::HAR, bytes as f64 / made)));
    Ok(super::row(figures))
}
