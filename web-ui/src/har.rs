//! The recording as HAR 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>), piece by piece.
//!
//! What HAR has no place for is in fields that begin with an underscore, as the format allows: `_id`, `_state`,
//! `_level`, `_replay_of`, `_failure`, `_request_sent` and `_response_sent` (heads as sent, where they are not as
//! received), `_webSocketMessages` (as Chrome writes them).

use std::collections::VecDeque;

use dashcam_exchange::{Direction, Exchange, ExchangeId, Message, TextFilter, UpstreamConnection};
use dashcam_store::{Store, StoreError};

mod content;
mod cookies;
mod entry;
mod messages;
mod timings;

pub use entry::entry;

/// How many rows are read from the store at once.
const PAGE: u32 = 200;

/// The largest body that is written; of a larger one its first bytes are, and a comment says so.
const LARGEST_BODY: u64 = 32 << 20;

/// The most messages that are written of one exchange.
const MOST_MESSAGES: u32 = 10_000;

/// Writes a HAR document in pieces: call [`Export::next`] until it answers `None`. One exchange is in memory
/// at a time. Exchanges that begin after the first call are left out, so that it ends while traffic goes on.
#[derive(Debug)]
pub struct Export {
    store: Store,
    filter: TextFilter,
    version: &'static str,
    stage: Stage,
    last: ExchangeId,
    at: ExchangeId,
    rows: VecDeque<ExchangeId>,
    separator: &'static str,
}

#[derive(Debug)]
enum Stage {
    Head,
    Entries,
    Ended,
}

/// An exchange with the bytes that its entry needs.
#[derive(Debug)]
pub struct Stored {
    /// The exchange.
    pub exchange: Exchange,
    /// What is stored of the request's body.
    pub request_body: Vec<u8>,
    /// What is stored of the response's body.
    pub response_body: Vec<u8>,
    /// Its messages.
    pub messages: Vec<Message>,
    /// The connection that served it.
    pub upstream: Option<UpstreamConnection>,
}

impl Export {
    /// Of what `filter` matches in `store`; `version` is dashcam's.
    #[must_use]
    pub fn new(store: Store, filter: TextFilter, version: &'static str) -> Self {
        Self {
            store,
            filter,
            version,
            stage: Stage::Head,
            last: ExchangeId(0),
            at: ExchangeId(0),
            rows: VecDeque::new(),
            separator: "",
        }
    }

    /// The next piece of the document; `None` after the last.
    ///
    /// # Errors
    /// When the store cannot be read; the document is then not whole and must not be kept as if it were.
    pub async fn next(&mut self) -> Result<Option<String>, StoreError> {
        match self.stage {
            Stage::Head => {
                self.last = self.store.last_ids().await?.exchange;
                self.stage = Stage::Entries;
                Ok(Some(head(self.version)))
            }
            Stage::Entries => match self.next_stored().await? {
                Some(stored) => {
                    let entry = in_background(stored).await;
                    let separator = std::mem::replace(&mut self.separator, ",\n");
                    Ok(Some(format!("{separator}{entry}")))
                }
                None => {
                    self.stage = Stage::Ended;
                    Ok(Some("\n]}}\n".to_owned()))
                }
            },
            Stage::Ended => Ok(None),
        }
    }

    async fn next_stored(&mut self) -> Result<Option<Stored>, StoreError> {
        while let Some(id) = self.next_id().await? {
            // It may have been deleted since its row was read.
            if let Some(stored) = load(&self.store, id).await? {
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }

    async fn next_id(&mut self) -> Result<Option<ExchangeId>, StoreError> {
        if self.rows.is_empty() {
            let rows = self.store.list_after(&self.filter, self.at, PAGE).await?;
            self.rows = rows.into_iter().map(|row| row.id).take_while(|id| *id <= self.last).collect();
        }
        let next = self.rows.pop_front();
        self.at = next.unwrap_or(self.at);
        Ok(next)
    }
}

async fn load(store: &Store, id: ExchangeId) -> Result<Option<Stored>, StoreError> {
    let Some(exchange) = store.exchange(id).await? else { return Ok(None) };
    let upstream = match exchange.upstream.as_ref().and_then(|upstream| upstream.connection) {
        Some(connection) => store.upstream_connection(connection).await?,
        None => None,
    };
    Ok(Some(Stored {
        upstream,
        exchange,
        request_body: store.body(id, Direction::Request, Some(LARGEST_BODY)).await?,
        response_body: store.body(id, Direction::Response, Some(LARGEST_BODY)).await?,
        messages: store.messages(id, None, MOST_MESSAGES).await?,
    }))
}

/// Decoding and writing a large body takes long: not on a thread that others wait for.
async fn in_background(stored: Stored) -> String {
    let id = stored.exchange.id;
    let writing = tokio::task::spawn_blocking(move || entry(stored).to_string());
    writing.await.unwrap_or_else(|error| {
        tracing::error!(%error, exchange.id = %id, "an exchange could not be exported");
        format!("{{\"_id\": {id}, \"comment\": \"dashcam could not write this entry: its log says why.\"}}")
    })
}

fn head(version: &str) -> String {
    let creator = serde_json::json!({"name": "dashcam", "version": version});
    format!("{{\"log\": {{\"version\": \"1.2\", \"creator\": {creator}, \"entries\": [\n")
}
