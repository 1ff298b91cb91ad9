//! The watcher's filter, asked about the exchanges of events.

use std::sync::Arc;

use dashcam_exchange::{Live, Summary};
use dashcam_filter::{Facts, Parts};
use dashcam_recorder::Event;

use super::Watcher;

impl Watcher {
    /// The event of an exchange that goes on, as it stands now; any other event is as it was.
    pub(super) fn as_it_stands(&self, event: Arc<Event>) -> Option<Arc<Event>> {
        match **event {
            Live::GoesOn(id) => self.app.recorder.as_it_stands(id).map(Arc::new),
            _ => Some(event),
        }
    }

    /// Returns whether the exchange of an event matches as it stands.
    pub(super) async fn matches_event(&self, event: &Arc<Event>) -> bool {
        let Some(event) = self.as_it_stands(Arc::clone(event)) else { return false };
        match &**event {
            Live::Started(row) | Live::Responded(row) | Live::Finished(row) => self.matches(row).await,
            _ => false,
        }
    }

    /// Returns whether an exchange matches as it stands. An event has its row, cut; the rest is where the exchange is.
    pub(super) async fn matches(&self, row: &Summary) -> bool {
        let filter = &self.search.filter;
        if filter.is_all() {
            return true;
        }
        if !row.is_cut && Parts::ROW.contains(filter.needs()) && !filter.needs().contains(Parts::MARKS) {
            return filter.evaluate(&Facts::of_summary(row)).is_true();
        }
        let Ok(exchange) = self.app.exchange(row.id.0).await else { return false };
        self.app.matches(&self.search, &exchange, row.clone()).await.unwrap_or(false)
    }
}
