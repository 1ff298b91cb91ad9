//! Countings of all exchanges: those that are stored, and those that are in the recorder's memory until they are.

use std::time::{Duration, Instant};

use dashcam_exchange::Timestamp;
use dashcam_filter::{Facts, Filter, Parts as Needs, Truth};
use dashcam_views::figures::{Counting, InMemory, Live};
use dashcam_views::search::Search;

use crate::app::App;
use crate::error::ApiError;

impl App {
    /// A counting of the exchanges that match `filter`. Memory is read first: an exchange that leaves it meanwhile is passed
    /// over in the store, so that each counts once.
    pub(crate) async fn counting(&self, filter: Filter, time_limit: Duration) -> Result<Counting, ApiError> {
        let mut counting =
            Counting { search: self.search(filter), began: Instant::now(), time_limit, live: None };
        if self.is_read_only() {
            return Ok(counting);
        }
        let now: Timestamp = dashcam_recorder::now();
        let in_memory = self.all_in_memory(&counting).await?;
        let paused_since = self.recorder.health().pause.map(|pause| pause.since);
        counting.live = Some(Live { now, paused_since, in_memory });
        Ok(counting)
    }

    /// All exchanges that are not stored, or not as they stand, and whether they match.
    async fn all_in_memory(&self, counting: &Counting) -> Result<Vec<InMemory>, ApiError> {
        let search: &Search = &counting.search;
        let needs = search.filter.needs();
        if Needs::ROW.without(Needs::MARKS).contains(needs) {
            let rows = self.recorder.list(None, usize::MAX, |_| true).into_iter();
            let judged = rows.map(|row| {
                let matches = search.filter.evaluate(&Facts::of_summary(&row));
                InMemory { row, matches }
            });
            return Ok(judged.collect());
        }
        let mut found = Vec::new();
        for (exchange, row) in self.recorder.exchanges(None) {
            let matches = match counting.is_over() {
                true => Truth::Unknown,
                false => Truth::from(self.matches(search, &exchange, row.clone()).await?),
            };
            found.push(InMemory { row, matches });
        }
        Ok(found)
    }
}
