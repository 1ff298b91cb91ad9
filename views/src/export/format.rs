//! A format of exported files, as data.

use dashcam_exchange::Exchange;
use dashcam_store::{ReadError, Reader};
use futures_util::future::BoxFuture;

use crate::decode::Decoders;
use crate::pen::Pen;
use crate::unseal::Unsealer;

/// How many rows are read from the store at once.
pub(super) const PAGE: u32 = 200;

/// The largest body that is written; of a larger one its first bytes are, and a comment says so.
pub(super) const LARGEST_BODY: u64 = 32 << 20;

/// The most messages that are written of one exchange.
pub(super) const MOST_MESSAGES: usize = 10_000;

/// Bytes of a message's payload that are read with it.
pub(super) const PREVIEW: u32 = 64 << 10;

/// A format: what stands before, between and behind the exchanges, and how one is written.
#[derive(Debug)]
pub struct ExportFormat {
    /// Its name on the command line and in the API.
    pub name: &'static str,
    /// A few words on it, for help.
    pub about: &'static str,
    /// The media type of its files.
    pub media_type: &'static str,
    /// The ending of its files' names, without a dot.
    pub extension: &'static str,
    /// Makes the beginning of a file.
    pub(super) head: fn(&Source) -> String,
    /// The text between two exchanges.
    pub(super) separator: &'static str,
    /// Writes an exchange.
    pub(super) entry: for<'a> fn(&'a Source, Exchange, &'a mut Pen) -> Entry<'a>,
    /// The end of a file.
    pub(super) tail: &'static str,
}

/// An exchange that is being written. It fails when the store cannot be read.
pub(super) type Entry<'a> = BoxFuture<'a, Result<(), ReadError>>;

/// Where a file comes from.
#[derive(Debug, Clone)]
pub struct Source {
    /// The recording.
    pub reader: Reader,
    /// Where bodies are decoded.
    pub decoders: Decoders,
    /// dashcam's version.
    pub version: &'static str,
    /// Puts sealed secrets back; `None`: their placeholders stand in the file.
    pub unsealer: Option<Unsealer>,
}

impl Source {
    /// The word with which a file says how it shows secrets that redaction took out of records.
    pub(super) fn secrets(&self) -> &'static str {
        if self.unsealer.is_some() { "unsealed" } else { "as_recorded" }
    }

    /// An exchange as the file is to show it.
    pub(super) async fn shown(&self, mut exchange: Exchange) -> Result<Exchange, ReadError> {
        if let Some(unsealer) = &self.unsealer {
            unsealer.exchange(&mut exchange).await?;
        }
        Ok(exchange)
    }

    /// The one who puts the secrets of an exchange back.
    pub(super) fn unsealer_of(&self, exchange: &Exchange) -> Option<&Unsealer> {
        self.unsealer.as_ref()?.of(exchange)
    }

    /// Bytes of an exchange as the file is to show them.
    pub(super) async fn put_back(&self, exchange: &Exchange, bytes: &mut Vec<u8>) -> Result<(), ReadError> {
        if let Some(unsealer) = self.unsealer_of(exchange) {
            *bytes = unsealer.text(std::mem::take(bytes)).await?;
        }
        Ok(())
    }
}
