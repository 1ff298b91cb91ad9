//! The size of a recording on the disk, beside another one of the same traffic.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::Measure::Each;
use super::{Case, Column, Layout, Origin, Rows};
use crate::load::{Client, crew, paced};
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
    measure: Each(measure),
};

/// Exchanges whose size is looked at.
const EXCHANGES: usize = 60_000;
/// How often each client asks: not so often that something is dropped.
const INTERVAL: Duration = Duration::from_millis(3);

pub(super) const API: Case = Case {
    name: "disk-api",
    title: "Bytes on disk, a JSON API",
    about: "1 KiB of JSON and ten header fields each way, HTTP/1.1 over TLS on both sides, reverse proxy; 60,000 exchanges over 8 \
            keep-alive connections of a client of our own. Each request has an id of its own; each response differs in an id, a date, a tag, a count, and in ids, numbers and times \
            of its body. The size of the database's files once dashcam has ended cleanly, less those of one that recorded nothing.",
    contenders: &[(Peer::Dashcam("full"), Way::Reverse)],
    origin: Origin::Sink,
    layout: Layout::Columns(&[
        Column::compared("B/exchange", figure::DISK, 1.0, 0),
        Column::plain("CPU µs/request", figure::CPU, 1.0, 1),
        Column::plain("requests", figure::REQUESTS, 1.0, 0),
        Column::plain("stored", figure::STORED, 1.0, 0),
        Column::plain("dropped", figure::DROPPED, 1.0, 0),
    ]),
    measure: Each(api),
    ..ANSWERED
};

fn api(measured: &Measured<'_>) -> Result<Rows> {
    let recording = measured.running.recording.as_ref().context("a contender that records nothing")?;
    let empty = measured.contender.start(measured.site, measured.site.sink, "empty")?;
    empty.process.as_ref().context("no process")?.end();
    let before = empty.recording.as_ref().context("no recording")?.size_at_rest()?;
    let client = Client::new(measured.running.route, false)?;
    let each = if measured.options.smoke { 100 } else { EXCHANGES / CLIENTS };
    let made = each * CLIENTS;
    let mut figures = measured.costs(|| {
        let start = Instant::now();
        crew(CLIENTS, INTERVAL * each as u32, |index, deadline| {
            let mut connection = client.connect(Ipv4Addr::LOCALHOST)?;
            let mut ids = (0..).map(|number| number * CLIENTS + index);
            let times = paced(start, INTERVAL, deadline, || {
                let id = ids.next().context("no id")?;
                connection.get_with(&format!("api/1024/items/{}?expand=owner", id % 500), &fields(index, id))
            })?;
            connection.close();
            Ok(times)
        })?;
        Ok(made as f64)
    })?;
    measured.reckon(&mut figures, made as u64)?;
    measured.process()?.end();
    let bytes = recording.size_at_rest()?.saturating_sub(before);
    let stored = figures.get(figure::STORED).copied().unwrap_or_default();
    figures.insert(figure::REQUESTS, made as f64);
    figures.insert(figure::DISK, bytes as f64 / stored);
    Ok(super::row(figures))
}

/// Nine header fields besides the host, as a client `index` of an API sends them with its request `id`.
fn fields(index: usize, id: usize) -> String {
    let client = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let request = (id as u64 + 1).wrapping_mul(0xd134_2543_de82_ef95);
    format!(
        "User-Agent: python-requests/2.32.3\r\n\
         Accept: application/json\r\n\
         Accept-Encoding: gzip, deflate\r\n\
         Accept-Language: en\r\n\
         Authorization: Bearer {client:016x}\r\n\
         Referer: https://www.example.com/items\r\n\
         X-Client: item-sync/4\r\n\
         X-Request-Id: {id:016x}{request:016x}\r\n\
         Connection: keep-alive\r\n"
    )
}

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
