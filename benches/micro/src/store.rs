//! A store in a temporary folder that takes batches.

use std::sync::Arc;

use anyhow::{Result, ensure};
use dashcam_exchange::{self as exchange, Exchange, ExchangeId, Record, Timestamp, Timings, Upstream};
use dashcam_store::Store;
use tokio::runtime::Builder;

use crate::sample;

/// Exchanges in a batch.
const BATCH: u32 = 1000;

/// Appends `times` batches.
pub(crate) fn run(times: u32) -> Result<()> {
    let home = tempfile::tempdir()?;
    // SQLite has a thread of its own: a clock that moves when ours has nothing to do would run ahead of it.
    Builder::new_current_thread().enable_time().build()?.block_on(async {
        let store = Store::open(&home.path().join("dashcam.db")).await?;
        let sample = finished();
        for number in 0..times {
            let ids = i64::from(number * BATCH) + 1..=i64::from((number + 1) * BATCH);
            let record = |id| Record::Finished(Arc::new(Exchange { id: ExchangeId(id), ..sample.clone() }));
            store.sink().append(ids.map(record).collect()).await?;
        }
        let stored = store.reader().count().await?;
        ensure!(stored == u64::from(times * BATCH), "{stored} exchanges are stored");
        store.close().await;
        Ok(())
    })
}

/// An exchange as traffic leaves it.
pub(crate) fn finished() -> Exchange {
    Exchange {
        started_at: Timestamp(1_795_780_800_000_000),
        destination: sample::destination(),
        request: sample::request(),
        request_body: exchange::sample::body(b""),
        response: Some(sample::response()),
        response_body: exchange::sample::body(&sample::BODY),
        timings: Timings { response_start_us: Some(900), end_us: Some(1000), ..Timings::default() },
        upstream: Some(Upstream {
            address: "192.0.2.7:443".to_owned(),
            reused: true,
            tls_version: Some("TLSv1.3".to_owned()),
            connection: None,
        }),
        ..exchange::sample::exchange(0)
    }
}
