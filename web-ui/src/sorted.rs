//! Sorted lists of exchanges, those that are not stored yet among them.

use std::cmp::Ordering;
use std::collections::HashMap;

use dashcam_exchange::{State, Summary};
use dashcam_filter::Filter;
use dashcam_store::{Order, Place, SortBy, Sorted, Start};
use tokio::time::Duration;

use crate::app::App;
use crate::error::ApiError;

impl App {
    /// The first exchanges in `order` that match `filter`, at most `most` of those behind a place if one is given, of those
    /// that are looked at `within` some time.
    pub(crate) async fn sorted(
        &self,
        filter: &Filter,
        (order, behind): (Order, Option<Place>),
        (most, within): (u32, Duration),
    ) -> Result<Sorted, ApiError> {
        let search = self.search(filter.clone());
        let memory = self.in_memory(&search, Start::NEWEST, usize::MAX).await?;
        let reader = self.store.reader();
        let mut found = reader.sorted(filter, (order, behind.clone()), (most as usize, within)).await?;
        let mut memory = memory;
        if order.by == SortBy::Tags {
            self.know_tags(&mut memory).await?;
        }
        for mut row in memory {
            row.shorten();
            let known = found.rows.iter().position(|known| known.id == row.id);
            match known.map(|at| (at, found.rows[at].state)) {
                // It has ended in the store.
                Some((_, state)) if state != State::Open => continue,
                Some((at, _)) => {
                    row.know_stored(&found.rows.remove(at));
                }
                None => {}
            }
            let place = order.place(&row);
            if behind.as_ref().is_none_or(|behind| order.compare(behind, &place) == Ordering::Less) {
                found.rows.push(row);
            }
        }
        found.rows.sort_by_cached_key(|row| order.key(row));
        found.rows.truncate(most as usize);
        Ok(found)
    }

    /// Takes over what is stored of exchanges that are under way: only the store knows their tags.
    async fn know_tags(&self, rows: &mut [Summary]) -> Result<(), ApiError> {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let stored = self.store.reader().rows(Start::NEWEST, &ids).await?;
        let stored: HashMap<_, _> = stored.into_iter().map(|row| (row.id, row)).collect();
        for row in rows {
            if let Some(stored) = stored.get(&row.id) {
                row.know_stored(stored);
            }
        }
        Ok(())
    }
}
