//! Exchanges of which the contents of bodies and messages tell whether they match.
//!
//! The walk over the packed facts (`reader/scan.rs`) gives the exchanges that may match; [`lane`]s, two threads with
//! connections of their own, read what is stored of their contents, a pack at a time, and ask. Each read ends before
//! anything is decoded: a search keeps no transaction open, behind which the write-ahead log could not start over. Its
//! connections, and the room for packs, are kept from one step to the next. Searches take [`turns`].

mod bytes;
mod kept;
mod lane;
mod outcome;
pub(crate) mod turns;
mod walk;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dashcam_exchange::{BodyRecord, ExchangeId, Headers};
use dashcam_filter::{Facts, Filter, MessageContent, Truth};

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::contents::turns::Forget;
use crate::reader::cost::Patience;
use crate::reader::error::ReadError;
use crate::reader::list::Start;
use crate::rows::headers_json;

/// Bytes of a body that are read, and of all messages of an exchange.
pub const READ: u64 = (16 << 20) + (64 << 10);

/// How long a search goes on at least, so that it comes to its end; and at most, where others wait for their turns.
const LEAST: Duration = Duration::from_millis(20);
const LONGEST_TURN: Duration = Duration::from_millis(100);

/// The contents of an exchange as they are stored; of those that were not asked for, nothing.
#[derive(Debug)]
pub struct Contents<'c> {
    /// The request's body.
    pub request: StoredBody<'c>,
    /// The response's body.
    pub response: StoredBody<'c>,
    /// Messages, at most 16 MiB of them.
    pub messages: Vec<MessageContent>,
}

/// A body as it is stored.
#[derive(Debug)]
pub struct StoredBody<'c> {
    /// The headers before it as JSON; `None` if there is no head.
    headers: Option<&'c str>,
    /// Its size, and how much of it is stored.
    pub record: BodyRecord,
    /// Its first bytes, at most [`READ`].
    pub bytes: &'c [u8],
}

impl<'c> StoredBody<'c> {
    /// A body of which the first `bytes` are stored, behind a head with `headers` as JSON, if there is one.
    #[must_use]
    pub fn new(headers: Option<&'c str>, record: BodyRecord, bytes: &'c [u8]) -> Self {
        Self { headers, record, bytes }
    }

    /// The headers before it that have one of these `names`, in lower case, and perhaps others.
    ///
    /// # Errors
    /// When they make no sense.
    pub fn headers(&self, names: &[&str]) -> Result<Headers, ReadError> {
        let Some(json) = self.headers else { return Ok(Headers::default()) };
        if let Some(picked) = headers_json::pick(json, names) {
            return Ok(picked);
        }
        let damaged = |error| StoreError::Damaged(format!("the headers of a row: {error}"));
        Ok(serde_json::from_str(json).map_err(damaged)?)
    }
}

/// The answer over an exchange's contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judged {
    /// Unknown if more has to be read than the contents of the exchange itself.
    pub truth: Truth,
    /// Bytes that were looked at, decoded.
    pub bytes: u64,
}

/// Answers for an exchange over its facts and its contents.
pub type Judge = dyn Fn(Facts<'_>, &Contents<'_>) -> Result<Judged, ReadError> + Send + Sync;

/// A part of a search through contents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// The exchanges that match, or of which it could not be told, in the direction of the search.
    pub found: Vec<(ExchangeId, Truth)>,
    /// Where it goes on; `None` at its end.
    pub next: Option<Start>,
    /// Exchanges that were looked at, or that surely do not match by what is known of them.
    pub exchanges: u64,
    /// Decoded bytes that were looked at.
    pub bytes: u64,
    /// Exchanges whose contents can't be read, as they are damaged: they do not match.
    pub unreadable: u64,
    /// About how many exchanges are left.
    pub left: u64,
    /// False if others had all turns: nothing was looked at.
    pub had_turn: bool,
}

/// A search through contents, step by step.
pub struct ContentSearch {
    reader: Reader,
    search: Arc<walk::Search>,
    forget: Arc<Forget>,
}

impl Reader {
    /// A search for exchanges that match `filter`. `judge` answers where contents decide.
    #[must_use]
    pub fn look_into(&self, filter: &Filter, judge: Arc<Judge>) -> ContentSearch {
        let search = Arc::new(walk::Search::new(&self.0.path, filter, judge));
        let forgets = Arc::clone(&search);
        ContentSearch { reader: self.clone(), search, forget: Arc::new(move || forgets.forget()) }
    }
}

impl ContentSearch {
    /// Looks on from `start`: for at most `most` exchanges, and for about as long as `within`. It waits for its turn; if that
    /// does not come before `until`, nothing was looked at, and it goes on at `start`. When the future is dropped, it stops.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn step(
        &self,
        start: Start,
        most: usize,
        (within, until): (Duration, Option<Instant>),
    ) -> Result<Looked, ReadError> {
        let Some(turn) = self.reader.0.turns.next(until).await else { return self.not_begun(start).await };
        let left = until.map_or(within, |until| until.saturating_duration_since(Instant::now()));
        let longest = if turn.is_shared { LONGEST_TURN } else { within };
        let (patience, _waiting) = Patience::begin(within.min(left).min(longest).max(LEAST));
        let (search, forget) = (Arc::clone(&self.search), Arc::clone(&self.forget));
        let step = move |since| {
            turn.begin(&forget);
            search.step(start, most, &walk::Step { patience, since })
        };
        Ok(Looked { had_turn: true, ..self.reader.0.search_on(step).await? })
    }

    /// The answer of a search that had no turn.
    async fn not_begun(&self, start: Start) -> Result<Looked, ReadError> {
        let all: (i64, i64, i64) =
            sqlx::query_as(walk::ALL).fetch_one(&*self.reader.0.readers().await?).await?;
        let (_, first, last) = all;
        let start = match start {
            Start::Before(id) => Start::Before(id.min(ExchangeId(last.saturating_add(1)))),
            Start::After(id) => Start::After(id.max(ExchangeId(first.saturating_sub(1)))),
        };
        let left = walk::left(all, start);
        Ok(Looked { next: (left > 0).then_some(start), left, ..Looked::default() })
    }
}

impl fmt::Debug for ContentSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentSearch").finish_non_exhaustive()
    }
}
