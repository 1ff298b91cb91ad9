//! Exchanges wherever they are: in the recorder's memory until they are stored, then in the store.
//!
//! Memory is read first. An exchange that leaves it meanwhile is found in the store, so none is missed: somebody who has
//! got a response finds its exchange at once.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use dashcam_exchange::{Direction, Exchange, ExchangeId, State, Summary, UpstreamConnection};
use dashcam_filter::{Facts, Filter, Parts as Needs};
use dashcam_recorder::Tail;
use dashcam_store::Start;
use dashcam_views::arrivals::Arrivals;
use dashcam_views::payload::Parts;
use dashcam_views::search::{Bodies, Progress, Search};
use dashcam_views::unseal::Unsealer;
use dashcam_views::{dto, hydrate};
use tokio::time::{Duration, Instant, sleep};

use crate::app::App;
use crate::error::{ApiError, Code};

/// How long an exchange that is under way may take to be stored for the first time, and how often it is looked for.
const STORED: Duration = Duration::from_secs(5);
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// A part of the list.
pub(crate) struct Listed {
    /// The rows, in the direction of the list.
    pub(crate) rows: Vec<Summary>,
    /// The number behind which nothing was looked at, where the time did not suffice.
    pub(crate) left: Option<ExchangeId>,
    /// How far the search through stored contents came.
    pub(crate) progress: Option<Progress>,
}

impl App {
    /// Exchanges that match `filter`, at most `most` from `start` on, or those that were found `within` some time.
    pub(crate) async fn exchanges(
        &self,
        filter: &Filter,
        start: Start,
        (most, within): (u32, Duration),
    ) -> Result<Listed, ApiError> {
        let search = self.search(filter.clone());
        let (most, until) = (most as usize, std::time::Instant::now() + within);
        let in_memory = self.in_memory(&search, start, most).await?;
        let stored = search.page(start, most, Some(until)).await?;
        let is_cut_short = stored.rows.len() < most || stored.progress.is_some();
        let left = stored.next.filter(|_| is_cut_short).map(|(Start::Before(id) | Start::After(id))| id);
        let looked_at = |row: &Summary| match start {
            Start::Before(_) => left.is_none_or(|left| row.id >= left),
            Start::After(_) => left.is_none_or(|left| row.id <= left),
        };
        let in_memory = in_memory.into_iter().filter(looked_at).collect();
        let mut rows = merged(in_memory, stored.rows);
        if matches!(start, Start::After(_)) {
            rows.reverse();
        }
        let is_cut = rows.len() > most;
        rows.truncate(most);
        let left = if is_cut { rows.last().map(|row| row.id) } else { left };
        Ok(Listed { rows, left, progress: stored.progress })
    }

    /// A search by `filter`.
    pub(crate) fn search(&self, filter: Filter) -> Search {
        Search { reader: self.store.reader().clone(), decoders: self.decoders.clone(), filter }
    }

    /// The first exchanges of the list that match and are not stored yet; newest first, those nearest to `start` and `most` of
    /// them or more.
    pub(crate) async fn in_memory(
        &self,
        search: &Search,
        start: Start,
        most: usize,
    ) -> Result<Vec<Summary>, ApiError> {
        let filter = &search.filter;
        // Few are in memory: upwards all of them are taken.
        let (before, after, most) = match start {
            Start::Before(id) => (Some(id).filter(|id| id.0 < i64::MAX), ExchangeId(i64::MIN), most),
            Start::After(id) => (None, id, usize::MAX),
        };
        if Needs::ROW.contains(filter.needs()) {
            let matches = |summary: &Summary| {
                summary.id > after && filter.evaluate(&Facts::of_summary(summary)).is_true()
            };
            return Ok(self.recorder.list(before, most, matches));
        }
        let mut found = Vec::new();
        for (exchange, row) in self.recorder.exchanges(before).take_while(|(_, row)| row.id > after) {
            if found.len() < most && self.matches(search, &exchange, row.clone()).await? {
                found.push(row);
            }
        }
        Ok(found)
    }

    /// Returns whether an exchange with this row matches as it stands, wherever its bodies are.
    pub(crate) async fn matches(
        &self,
        search: &Search,
        exchange: &Exchange,
        mut row: Summary,
    ) -> Result<bool, ApiError> {
        let bodies = self.bodies_so_far(exchange);
        if search.filter.needs().contains(Needs::MARKS) {
            row.pinned = search.reader.is_pinned(exchange.id).await?;
        }
        Ok(search.matches((exchange, &row), &bodies).await?)
    }

    /// The bytes of both bodies that can be had now.
    pub(crate) fn bodies_so_far(&self, exchange: &Exchange) -> Bodies {
        Bodies {
            request: self.body_so_far(exchange, Direction::Request),
            response: self.body_so_far(exchange, Direction::Response),
        }
    }

    /// The bytes of a body that can be had now.
    fn body_so_far(&self, exchange: &Exchange, direction: Direction) -> Parts {
        let reader = self.store.reader();
        match self.recorder.tail(exchange.id, direction) {
            Some(Tail { after: 0, bytes }) => Parts::held(bytes),
            Some(Tail { after, bytes }) => {
                Parts::of_body_under_way(reader, (exchange.id, direction), (after, bytes))
            }
            None => Parts::of_body(reader, exchange.id, direction),
        }
    }

    /// The exchange `id`, or the error that there is none.
    pub(crate) async fn exchange(&self, id: i64) -> Result<Exchange, ApiError> {
        if let Some(found) = self.recorder.find(ExchangeId(id)) {
            return Ok(found);
        }
        self.store.reader().exchange(ExchangeId(id)).await?.ok_or_else(|| ApiError::no_exchange(id))
    }

    /// The exchange `id` as the API shows it, with its secrets if somebody puts them back, and with the rows that it refers
    /// to. They are waited for if they are on their
    /// way to the store.
    pub(crate) async fn shown(
        &self,
        id: i64,
        unsealer: Option<&Unsealer>,
    ) -> Result<dto::Exchange, ApiError> {
        if let Some(found) = self.recorder.find(ExchangeId(id))
            && !self.has_all_rows(&found).await?
        {
            // Without them it is shown as far as it is known.
            self.recorder.settle().await;
        }
        let in_memory = self.recorder.program(ExchangeId(id));
        let mut exchange = self.exchange(id).await?;
        if let Some(unsealer) = unsealer {
            unsealer.exchange(&mut exchange).await?;
        }
        let program = match in_memory {
            Some(program) => Some(program),
            None => hydrate::program(self.store.reader(), &exchange).await?,
        };
        Ok(hydrate::sent_by(self.store.reader(), exchange, program).await?)
    }

    /// The exchange `id`, once all that belongs to it so far is stored. If it goes on and the disk takes nothing now, it is
    /// not waited for.
    ///
    /// # Errors
    /// When there is none, or the store does not take it now.
    pub(crate) async fn stored(&self, id: i64) -> Result<Exchange, ApiError> {
        self.wait_for(ExchangeId(id)).await?;
        if self.recorder.went_ahead(ExchangeId(id)) {
            self.recorder.settle().await;
        }
        self.exchange(id).await
    }

    /// The kept bytes of one of the bodies of `exchange`: from memory if all are there. Of an exchange that goes on they are
    /// all that came, to the last byte.
    ///
    /// # Errors
    /// When the store does not take now what memory does not have.
    pub(crate) async fn body(&self, exchange: &Exchange, direction: Direction) -> Result<Parts, ApiError> {
        let goes_on = exchange.state == State::Open;
        match self.recorder.tail(exchange.id, direction) {
            Some(Tail { after: 0, bytes }) => return Ok(Parts::held(bytes)),
            Some(Tail { after, bytes }) if goes_on => {
                let reader = self.store.reader();
                // The last pieces may be on their way. Where the disk takes none, those that it has are shown.
                if reader.body_part(exchange.id, direction, after - 1).await?.is_none() {
                    self.recorder.settle().await;
                }
                return Ok(Parts::of_body_under_way(reader, (exchange.id, direction), (after, bytes)));
            }
            _ => {}
        }
        self.wait_for(exchange.id).await?;
        Ok(Parts::of_body(self.store.reader(), exchange.id, direction))
    }

    /// When the bytes came of one of the bodies of `exchange`, as they are kept.
    pub(crate) fn arrivals(&self, exchange: &Exchange, direction: Direction) -> Arrivals {
        let of = (direction, exchange.body(direction).stored_as);
        let recent = self.recorder.recent_arrivals(exchange.id, of);
        Arrivals::of_body(self.store.reader(), (exchange.id, direction), recent)
    }

    /// Returns once the exchange `id` is stored, if it has ended; at once if it goes on or there is none.
    pub(crate) async fn wait_for(&self, id: ExchangeId) -> Result<(), ApiError> {
        while self.recorder.is_waiting(id) {
            if !self.recorder.settle().await {
                let why = self.recorder.health().pause.map(|pause| format!(": {}", pause.message));
                let message = format!(
                    "Exchange {} has ended, but the disk does not take it now{}. Try again later.",
                    id.0,
                    why.unwrap_or_default()
                );
                return Err(ApiError::new(Code::Unavailable, message));
            }
        }
        Ok(())
    }

    /// Waits a little for the row of the exchange `id`, which was looked for `since` and not found: one that is under way
    /// gets it within seconds.
    ///
    /// # Errors
    /// When there is no such exchange, or its row does not come.
    pub(crate) async fn wait_for_row(&self, id: ExchangeId, since: Instant) -> Result<(), ApiError> {
        self.exchange(id.0).await?;
        if since.elapsed() >= STORED {
            let message = format!("Exchange {} is not stored yet: try again.", id.0);
            return Err(ApiError::new(Code::Unavailable, message));
        }
        sleep(TRY_AGAIN).await;
        Ok(())
    }

    /// The row of the connection to an upstream that `exchange` refers to, waited for if it may be on its way to the
    /// store.
    ///
    /// # Errors
    /// When the store does not take now what it may not have yet.
    pub(crate) async fn upstream_of(
        &self,
        exchange: &Exchange,
    ) -> Result<Option<UpstreamConnection>, ApiError> {
        let Some(id) = exchange.upstream.as_ref().and_then(|upstream| upstream.connection) else {
            return Ok(None);
        };
        let found = self.store.reader().upstream_connection(id).await?;
        if found.is_some() || self.recorder.find(exchange.id).is_none() {
            return Ok(found);
        }
        if !self.recorder.settle().await {
            let message =
                format!("The connection of exchange {} is not stored yet: try again.", exchange.id.0);
            return Err(ApiError::new(Code::Unavailable, message));
        }
        Ok(self.store.reader().upstream_connection(id).await?)
    }

    /// Shows those of the exchanges `under_way` no more that are not in the store, which had them: somebody deleted them.
    pub(crate) async fn leave_out_deleted(&self, under_way: Vec<ExchangeId>) -> Result<(), ApiError> {
        // A row of theirs that is on its way to the store has not been deleted.
        if !self.recorder.settle().await {
            return Ok(());
        }
        for id in under_way {
            if self.store.reader().exchange(id).await?.is_none() {
                self.recorder.leave_out(id);
            }
        }
        Ok(())
    }

    /// Returns whether no row that `exchange` refers to is on its way to the store. One that goes on may always have
    /// messages that are.
    async fn has_all_rows(&self, exchange: &Exchange) -> Result<bool, ApiError> {
        let upstream = exchange.upstream.as_ref().and_then(|upstream| upstream.connection);
        let is_there = match upstream {
            Some(id) => self.store.reader().upstream_connection(id).await?.is_some(),
            None => true,
        };
        let has_ended = exchange.state != State::Open;
        Ok(is_there && !(has_ended && self.recorder.went_ahead(exchange.id)))
    }
}

/// Both lists. Of an exchange that is in both, the store has the pin, and memory the latest news
/// unless it has ended in the store.
fn merged(in_memory: Vec<Summary>, stored: Vec<Summary>) -> Vec<Summary> {
    let mut all: BTreeMap<_, _> = stored.into_iter().map(|row| (Reverse(row.id), row)).collect();
    for mut row in in_memory {
        row.shorten();
        match all.get_mut(&Reverse(row.id)) {
            Some(known) if known.state == State::Open => {
                row.know_stored(known);
                *known = row;
            }
            Some(_) => {}
            None => {
                all.insert(Reverse(row.id), row);
            }
        }
    }
    all.into_values().collect()
}
