//! Measures the cost of storing an exchange: microseconds of CPU, user and system, of this process (Linux).
//! Run it on a quiet machine: `cargo run -p dashcam-store --release --example writer_cost`.

use std::error::Error;
use std::sync::Arc;

use dashcam_exchange::{
    ConnectionId, Destination, Exchange, Record, Scheme, Timings, Upstream, UpstreamConnectionId, sample,
};
use dashcam_store::Store;

const TRANSACTION: i64 = 500;
const EXCHANGES: i64 = 40_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    for body in [1 << 10, 10 << 10] {
        let folder = tempfile::tempdir()?;
        let store = Store::open(&folder.path().join("dashcam.db")).await?;
        let (mut user, mut system) = (0.0, 0.0);
        for batch in 0..EXCHANGES / TRANSACTION {
            let records = (1..=TRANSACTION).map(|id| record(batch * TRANSACTION + id, body)).collect();
            let before = cpu()?;
            store.sink().append(records).await?;
            let after = cpu()?;
            user += after.0 - before.0;
            system += after.1 - before.1;
        }
        let (each, size) = (1.0 / EXCHANGES as f64, store.reader().size().await? / EXCHANGES as u64);
        println!("{body} byte body: {:.1} + {:.1} \u{b5}s, {size} bytes on disk", user * each, system * each);
        store.close().await;
    }
    Ok(())
}

/// An exchange with two heads of about 600 bytes.
fn record(id: i64, body: usize) -> Record {
    let names: Vec<String> = (0..12).map(|field| format!("X-Header-{field}")).collect();
    let headers: Vec<_> =
        names.iter().map(|name| (name.as_str(), "a value of 35 bytes, as usual ones.")).collect();
    Record::Finished(Arc::new(Exchange {
        connection: Some(ConnectionId(id / 100)),
        destination: Destination { scheme: Scheme::Https, host: "api.example.com".to_owned(), port: 443 },
        request: sample::request("GET", &format!("/v1/items/{id}?expand=owner"), &headers),
        request_body: sample::body(b""),
        response: Some(sample::ok(&headers)),
        response_body: sample::body(&vec![b'x'; body]),
        timings: Timings { end_us: Some(1234), response_start_us: Some(1200), ..Timings::default() },
        upstream: Some(Upstream {
            address: "192.0.2.1:443".to_owned(),
            reused: true,
            tls_version: None,
            connection: Some(UpstreamConnectionId(1)),
        }),
        ..sample::exchange(id)
    }))
}

/// CPU time of this process so far, in microseconds: user and system.
fn cpu() -> Result<(f64, f64), Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let mut ticks = after_name.split_whitespace().skip(11).map(str::parse::<f64>);
    let mut next = || Ok::<_, Box<dyn Error>>(ticks.next().ok_or("no ticks")?? * 10_000.0);
    Ok((next()?, next()?))
}
