//! The recording as HAR 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>), piece by piece.
//!
//! Facts for which HAR has no place are in fields that begin with an underscore, as the format allows: `_id`, `_state`,
//! `_level`, `_replay_of`, `_failure`, `_request_sent` and `_response_sent` (heads as sent, where they are not as
//! received), `_webSocketMessages` (as Chrome writes them).
//!
//! Of the bodies and messages only pieces are in memory, whatever their size: they are read, decoded and written piece by
//! piece, as fast as whoever reads takes them.

use dashcam_exchange::{Exchange, ExchangeId, TextFilter, UpstreamConnection};
use dashcam_store::{Store, StoreError};
use futures_util::{Stream, StreamExt as _};

use crate::decode::Decoders;
use crate::pen::{Pen, Writing};

mod content;
mod cookies;
mod entry;
mod members;
mod messages;
mod timings;

/// How many rows are read from the store at once.
const PAGE: u32 = 200;

/// The largest body that is written; of a larger one its first bytes are, and a comment says so.
const LARGEST_BODY: u64 = 32 << 20;

/// The most messages that are written of one exchange.
const MOST_MESSAGES: usize = 10_000;

/// Where a document comes from.
#[derive(Debug, Clone)]
pub struct Source {
    /// The recording.
    pub store: Store,
    /// Where bodies are decoded.
    pub decoders: Decoders,
    /// dashcam's version.
    pub version: &'static str,
}

/// An exchange and the connection that served it.
#[derive(Debug)]
struct Stored {
    exchange: Exchange,
    upstream: Option<UpstreamConnection>,
}

/// A HAR document in pieces: call [`Export::next`] until it answers `None`.
pub struct Export(Writing);

impl Export {
    /// Of what `filter` matches. Exchanges that begin after the first call of [`Export::next`] are left out, so that it
    /// ends while traffic goes on.
    #[must_use]
    pub fn new(source: Source, filter: TextFilter) -> Self {
        Self(Writing::by(|pen| async move { all(&source, &filter, pen).await }))
    }

    /// Of one exchange.
    #[must_use]
    pub fn of_one(source: Source, exchange: Exchange) -> Self {
        Self(Writing::by(|mut pen| async move {
            pen.raw(&head(source.version));
            let stored = with_upstream(&source.store, exchange).await?;
            entry::write(&source, stored, &mut pen).await?;
            pen.raw(TAIL);
            Ok(pen)
        }))
    }

    /// The next piece of the document; `None` after the last.
    ///
    /// # Errors
    /// When the store cannot be read; the document is then not whole and must not be kept as if it were.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.next().await.transpose()
    }

    /// All pieces.
    pub fn pieces(self) -> impl Stream<Item = Result<Vec<u8>, StoreError>> {
        self.0
    }
}

async fn all(source: &Source, filter: &TextFilter, mut pen: Pen) -> Result<Pen, StoreError> {
    pen.raw(&head(source.version));
    let (mut separator, last) = ("", source.store.last_ids().await?.exchange);
    let mut at = ExchangeId(0);
    loop {
        let rows = source.store.list_after(filter, at, PAGE).await?;
        let ids: Vec<_> = rows.iter().map(|row| row.id).take_while(|id| *id <= last).collect();
        let Some(end) = ids.last() else { break };
        at = *end;
        for id in ids {
            // It may have been deleted since its row was read.
            let Some(exchange) = source.store.exchange(id).await? else { continue };
            let stored = with_upstream(&source.store, exchange).await?;
            pen.raw(std::mem::replace(&mut separator, ",\n"));
            entry::write(source, stored, &mut pen).await?;
            pen.turn().await;
        }
    }
    pen.raw(TAIL);
    Ok(pen)
}

async fn with_upstream(store: &Store, exchange: Exchange) -> Result<Stored, StoreError> {
    let upstream = match exchange.upstream.as_ref().and_then(|upstream| upstream.connection) {
        Some(connection) => store.upstream_connection(connection).await?,
        None => None,
    };
    Ok(Stored { exchange, upstream })
}

fn head(version: &str) -> String {
    let creator = serde_json::json!({"name": "dashcam", "version": version});
    format!("{{\"log\": {{\"version\": \"1.2\", \"creator\": {creator}, \"entries\": [\n")
}

const TAIL: &str = "\n]}}\n";
