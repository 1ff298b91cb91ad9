//! Figures about the exchanges that match a filter: counted while they are looked through, and never held.

mod by;
mod durations;
mod extent;
mod facets;
mod groups;
mod histogram;
mod key;
mod row;
mod span;
mod sums;
mod tally;
mod tree;
mod walk;
mod widths;

use std::time::Duration;

use dashcam_exchange::{ExchangeId, Timestamp};
use dashcam_filter::Filter;
use rusqlite::Connection;

use crate::reader::Reader;
use crate::reader::cost::Patience;
use crate::reader::error::ReadError;

pub use by::By;
pub use extent::Ends;
pub use facets::Facet;
pub use groups::{Group, Groups};
pub use histogram::{Bucket, Histogram};
pub use span::Missed;
pub use tally::{Figures, Tally};
pub use tree::{Branch, TreeNode};
pub use walk::Tallied;

impl Reader {
    /// Adds the exchanges that match `filter` to `tally`, newest first, those below `before` if given. It ends early when it
    /// takes longer than `within`, and once it met `most_unsure` exchanges, or some more, of which only contents tell. When
    /// the future is dropped, it stops.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tally(
        &self,
        filter: &Filter,
        tally: Tally,
        before: Option<ExchangeId>,
        (most_unsure, within): (usize, Duration),
    ) -> Result<Tallied, ReadError> {
        let (patience, _waiting) = Patience::begin(within);
        let filter = filter.clone();
        let look = move |connection: &Connection| {
            walk::walk((connection, &filter), tally, before, (most_unsure, &patience))
        };
        Ok(self.0.search(look).await?)
    }
}

/// The width that people would choose for the buckets of a histogram of some time: there are at most about `most`.
#[must_use]
pub fn bucket_width((from, until): (Timestamp, Timestamp), most: u32) -> Duration {
    let span = until.0.saturating_sub(from.0).max(0);
    Duration::from_micros(widths::fitting(span, i64::from(most)).unsigned_abs())
}
