//! The recording, opened to be read beside a running instance or without one.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use dashcam_exchange::{Exchange, ExchangeId};
use dashcam_store::{Reader, Store};
use dashcam_views::decode::{Decoders, Decoding};

use crate::config::Config;
use crate::home::Home;
use crate::options;

/// Opens the database that `--db`, `config.toml` or the home names.
pub(crate) async fn open(home: &Home, db: Option<PathBuf>) -> Result<Reader> {
    let config = Config::read(&home.config())?;
    let store = Store::open_read_only(&options::database(home, db, &config)).await?;
    Ok(store.reader().clone())
}

/// Where bodies of the recording that `reader` reads are decoded, within the limits that `config.toml` sets.
pub(crate) fn decoders(home: &Home, reader: &Reader) -> Result<Decoders> {
    let limits = options::decoding(&Config::read(&home.config())?.decoding);
    Ok(Decoders::new(limits).with_recording(reader))
}

/// The same without a limit of time: for somebody who asks for a whole body, and can interrupt it.
pub(crate) fn unhurried_decoders(home: &Home, reader: &Reader) -> Result<Decoders> {
    let limits = options::decoding(&Config::read(&home.config())?.decoding);
    Ok(Decoders::new(Decoding { time: Duration::MAX, ..limits }).with_recording(reader))
}

/// The exchange `id`.
pub(crate) async fn exchange(reader: &Reader, id: i64) -> Result<Exchange> {
    let found = reader.exchange(ExchangeId(id)).await?;
    found.with_context(|| format!("there is no exchange {id}: `dashcam ls` lists those there are"))
}
