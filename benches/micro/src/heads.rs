//! Heads on their way out: bytes for the upstream, JSON for the store.

use std::hint::black_box;

use anyhow::Result;
use bytes::BytesMut;
use dashcam_ca::Authority;
use dashcam_exchange::Level;
use dashcam_proxy::bench::Service;
use dashcam_store::headers_json;

use crate::hand_off::dropping;
use crate::{at, runtime, sample};

/// Rewrites a request's head for the upstream, and encodes it.
pub(crate) fn to_wire(times: u32) -> Result<()> {
    let home = tempfile::tempdir()?;
    let (authority, _) = Authority::open_or_create(home.path())?;
    runtime()?.block_on(async {
        let (recorder, _writer) = dropping();
        let service = Service::new(at(Level::Off), authority, recorder, |_| ()).await;
        let request = sample::request();
        let mut out = BytesMut::with_capacity(4096);
        for _ in 0..times {
            let mut head = request.clone();
            out.clear();
            service.head_to_wire(black_box(&mut head), &mut out);
            black_box(&out);
        }
        Ok(())
    })
}

/// Makes a response's fields the text that is stored.
pub(crate) fn to_json(times: u32) -> Result<()> {
    let response = sample::response();
    for _ in 0..times {
        black_box(headers_json(black_box(&response.headers)));
    }
    Ok(())
}
