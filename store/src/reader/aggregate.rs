//! Figures about the exchanges that match a filter: counted while they are looked through, and never held.

mod clients;
mod covered;
mod durations;
mod facets;
mod histogram;
mod key;
mod path_shape;
mod stats;

use std::time::Duration;

use dashcam_filter::Filter;
use rusqlite::Connection;

use crate::reader::Reader;
use crate::reader::cost::Patience;
use crate::reader::error::ReadError;

pub use covered::Covered;
pub use facets::{Facet, Facets};
pub use histogram::{Bucket, Histogram};
pub use key::By;
pub use stats::{Group, Stats};

impl Reader {
    /// The most frequent values of each of `by` among the exchanges that match `filter`, at most `most` of each. Where it
    /// takes longer than `within`, only the newest are counted; so in all that follow.
    ///
    /// # Errors
    /// When the database cannot be read; so in all that follow.
    pub async fn facets(
        &self,
        filter: &Filter,
        by: &[By],
        most: usize,
        within: Duration,
    ) -> Result<Facets, ReadError> {
        let (patience, _waiting) = Patience::begin(within);
        let (filter, by) = (filter.clone(), by.to_vec());
        let look = move |connection: &Connection| facets::facets((connection, &filter), &by, most, &patience);
        Ok(self.0.search(look).await?)
    }

    /// How many exchanges that match `filter` began in each `every`, and how many of them went wrong; about sixty times if
    /// that is `None`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn histogram(
        &self,
        filter: &Filter,
        every: Option<Duration>,
        within: Duration,
    ) -> Result<Histogram, ReadError> {
        let (patience, _waiting) = Patience::begin(within);
        let filter = filter.clone();
        let look =
            move |connection: &Connection| histogram::histogram((connection, &filter), every, &patience);
        Ok(self.0.search(look).await?)
    }

    /// Counts, errors, bytes and durations of the exchanges that match `filter`, for each combination of the values of
    /// `by`, and for each `every` if that is given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stats(
        &self,
        filter: &Filter,
        by: &[By],
        every: Option<Duration>,
        within: Duration,
    ) -> Result<Stats, ReadError> {
        let (patience, _waiting) = Patience::begin(within);
        let (filter, by) = (filter.clone(), by.to_vec());
        let look = move |connection: &Connection| stats::stats((connection, &filter), &by, every, &patience);
        Ok(self.0.search(look).await?)
    }
}
