//! The recording, or one exchange, as a file: one exporter for a table of formats.
//!
//! A further format is a file beside [`ndjson`] and a line in [`FORMATS`]: the command line's `--format` and the API's
//! `?format=` know it then.
//!
//! Of the bodies and messages only pieces are in memory, whatever their size: they are read, decoded and written piece by
//! piece, as fast as whoever reads takes them.

mod body;
mod format;
mod har;
mod members;
mod ndjson;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashcam_exchange::Exchange;
use dashcam_filter::Filter;
use dashcam_store::{ReadError, Start};
use futures_util::{Stream, StreamExt as _};

use crate::pen::{Pen, Writing};
use crate::search::Search;
use format::PAGE;

pub use format::{ExportFormat, Source};

/// All formats; the first is the one where none is named.
pub const FORMATS: &[ExportFormat] = &[har::FORMAT, ndjson::FORMAT];

/// The format `name`, or the one where none is named.
///
/// # Errors
/// When there is no such format.
pub fn format(name: Option<&str>) -> Result<&'static ExportFormat, UnknownFormat> {
    let Some(name) = name else { return Ok(&FORMATS[0]) };
    FORMATS.iter().find(|format| format.name == name).ok_or_else(|| UnknownFormat(name.to_owned()))
}

/// A format that there is not.
#[derive(Debug)]
pub struct UnknownFormat(String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = FORMATS.iter().map(|format| format.name).collect();
        write!(f, "unknown format \u{201c}{}\u{201d}; expected {}", self.0, names.join(" or "))
    }
}

impl std::error::Error for UnknownFormat {}

/// A file in pieces: call [`Export::next`] until it answers `None`.
pub struct Export {
    writing: Writing,
    written: Arc<AtomicU64>,
}

impl Export {
    /// Of what `filter` matches, oldest first. Exchanges that begin after the first call of [`Export::next`] are left
    /// out, so that it ends while traffic goes on.
    #[must_use]
    pub fn new(format: &'static ExportFormat, source: Source, filter: Filter) -> Self {
        let written = Arc::<AtomicU64>::default();
        let count = Arc::clone(&written);
        let writing = Writing::by(|pen| async move { all(format, (&source, filter), &count, pen).await });
        Self { writing, written }
    }

    /// Of one exchange.
    #[must_use]
    pub fn of_one(format: &'static ExportFormat, source: Source, exchange: Exchange) -> Self {
        let written = Arc::<AtomicU64>::default();
        let count = Arc::clone(&written);
        let writing = Writing::by(|mut pen| async move {
            pen.raw(&(format.head)(&source));
            (format.entry)(&source, source.shown(exchange).await?, &mut pen).await?;
            count.fetch_add(1, Ordering::Relaxed);
            pen.raw(format.tail);
            Ok(pen)
        });
        Self { writing, written }
    }

    /// The number of exchanges that are written: it grows with the file.
    #[must_use]
    pub fn written(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.written)
    }

    /// The next piece of the file; `None` after the last.
    ///
    /// # Errors
    /// When the store cannot be read; the file is then not whole and must not be kept as if it were.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        self.writing.next().await.transpose()
    }

    /// All pieces.
    pub fn pieces(self) -> impl Stream<Item = Result<Vec<u8>, ReadError>> {
        self.writing
    }
}

async fn all(
    format: &ExportFormat,
    (source, filter): (&Source, Filter),
    written: &AtomicU64,
    mut pen: Pen,
) -> Result<Pen, ReadError> {
    pen.raw(&(format.head)(source));
    let (mut separator, last) = ("", source.reader.last_ids().await?.exchange);
    let search = Search { reader: source.reader.clone(), decoders: source.decoders.clone(), filter };
    let mut next = Some(Start::OLDEST);
    while let Some(start) = next {
        let found = search.page(start, PAGE as usize, None).await?;
        next = found.next;
        for id in found.rows.iter().map(|row| row.id) {
            if id > last {
                next = None;
                break;
            }
            // It may have been deleted since its row was read.
            let Some(exchange) = source.reader.exchange(id).await? else { continue };
            pen.raw(std::mem::replace(&mut separator, format.separator));
            (format.entry)(source, source.shown(exchange).await?, &mut pen).await?;
            written.fetch_add(1, Ordering::Relaxed);
            pen.turn().await;
        }
    }
    pen.raw(format.tail);
    Ok(pen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_have_names() {
        assert_eq!(format(None).unwrap().name, "har");
        for known in FORMATS {
            assert_eq!(format(Some(known.name)).unwrap().extension, known.extension);
        }
        let error = format(Some("xml")).unwrap_err().to_string();
        assert_eq!(error, "unknown format \u{201c}xml\u{201d}; expected har or ndjson");
    }
}
