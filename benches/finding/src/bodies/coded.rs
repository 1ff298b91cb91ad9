//! Exchanges whose bodies are JSON and HTML, half of them with a content coding.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use dashcam_exchange::{Exchange, Record};
use dashcam_store::Store;

use crate::body;
use crate::random::Random;
use crate::traffic::Traffic;

/// About how many bytes the bodies of an exchange have, decoded.
const EACH: f64 = 8_300.0;
const BATCH: u64 = 500;
const SEED: u64 = 0xc0de;

/// Makes exchanges, each from its number alone.
#[derive(Debug)]
pub(crate) struct Coded {
    traffic: Traffic,
    pub(crate) exchanges: u64,
}

/// How many exchanges have so many gigabytes of bodies.
pub(crate) fn exchanges(gigabytes: f64) -> u64 {
    (gigabytes * 1e9 / EACH).ceil() as u64
}

impl Coded {
    pub(crate) fn new(gigabytes: f64) -> Self {
        let exchanges = exchanges(gigabytes);
        Self { traffic: Traffic::new(exchanges, body::MOST), exchanges }
    }

    /// Exchange `id`, whose response is not coded yet.
    pub(crate) fn plain(&self, id: u64) -> Exchange {
        let mut exchange = self.traffic.exchange(id);
        if Random::of(SEED, id).permille(150) {
            to_html(&mut exchange);
        }
        exchange
    }

    /// Exchange `id`: of a hundred responses 30 are gzip, 12 brotli, 5 zstd.
    pub(crate) fn exchange(&self, id: u64) -> Result<Exchange> {
        let mut exchange = self.plain(id);
        let bytes = std::mem::take(&mut exchange.response_body.rest);
        let (coding, bytes) = match Random::of(SEED + 1, id).below(100) {
            _ if bytes.is_empty() => (None, bytes),
            0..30 => (Some("gzip"), gzip(&bytes)?),
            30..42 => (Some("br"), brotli(&bytes)?),
            42..47 => (Some("zstd"), zstd::bulk::compress(&bytes, 3)?),
            _ => (None, bytes),
        };
        let body = &mut exchange.response_body;
        (body.size, body.stored, body.rest) = (bytes.len() as u64, bytes.len() as u64, bytes);
        if let (Some(coding), Some(head)) = (coding, &mut exchange.response) {
            head.headers.push("Content-Encoding", coding);
        }
        Ok(exchange)
    }

    pub(crate) fn connection(&self, id: u64) -> Option<dashcam_exchange::Connection> {
        self.traffic.connection(id)
    }
}

/// Bytes of an exchange's bodies.
pub(crate) fn size(exchange: &Exchange) -> usize {
    exchange.request_body.rest.len() + exchange.response_body.rest.len()
}

/// Writes all exchanges to a new recording; says how many gigabytes their bodies have, decoded.
pub(crate) async fn fill(path: &Path, coded: &Coded) -> Result<f64> {
    let store = Store::open(path).await?;
    let (mut first, mut decoded) = (1, 0);
    while first <= coded.exchanges {
        let last = coded.exchanges.min(first + BATCH - 1);
        let mut records = Vec::new();
        for id in first..=last {
            records.extend(coded.connection(id).map(|connection| Record::Connection(Box::new(connection))));
            decoded += size(&coded.plain(id));
            records.push(Record::Finished(Arc::new(coded.exchange(id)?)));
        }
        store.sink().append(records).await?;
        first = last + 1;
    }
    store.close().await;
    Ok(decoded as f64 / 1e9)
}

/// The same items as a table in a page.
fn to_html(exchange: &mut Exchange) {
    let Some(head) = &mut exchange.response else { return };
    let json = String::from_utf8_lossy(&exchange.response_body.rest).into_owned();
    if json.is_empty() {
        return;
    }
    let rows =
        json.replace("{\"sku\":", "<tr><td>").replace("},", "</td></tr>\n").replace("\",\"", "\"</td><td>\"");
    let page = format!("<!doctype html><html><head><meta charset=utf-8></head><body>{rows}</body></html>");
    head.headers.remove("content-type");
    head.headers.push("Content-Type", "text/html; charset=utf-8");
    exchange.response_body.rest = page.into_bytes();
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(5));
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut coded = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 4, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut coded, &params)?;
    Ok(coded)
}
