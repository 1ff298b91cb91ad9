//! The number of exchanges that match, where not all were looked at.

use dashcam_exchange::ExchangeId;
use dashcam_store::ReadError;

use super::Counting;
use crate::search::Search;

impl Counting {
    /// About how many match in all, where `found` match, the walk goes on below `next`, and so many are undecided.
    pub(super) async fn estimate(
        &self,
        found: u64,
        (next, undecided): (Option<ExchangeId>, u64),
    ) -> Result<u64, ReadError> {
        let Search { reader, filter, .. } = &self.search;
        let all = reader.extent(filter, None).await?;
        let left = match next {
            Some(next) => reader.extent(filter, Some(next)).await?,
            None => 0,
        };
        let in_memory = self.live.as_ref().map_or(0, |live| live.in_memory.len() as u64);
        Ok(estimate(found, all + in_memory, left + undecided))
    }
}

/// About how many match, where `found` do, and `open` of `all` that can match were not looked at: as many of these as of
/// the others.
fn estimate(found: u64, all: u64, open: u64) -> u64 {
    // Each that was found was looked at.
    let looked_at = all.saturating_sub(open).max(found).max(1);
    let more = u128::from(found) * u128::from(open) / u128::from(looked_at);
    found.saturating_add(u64::try_from(more).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_match_of_the_rest() {
        for (found, all, open, expect) in [
            (0, 0, 0, 0),
            (0, 100, 100, 0),
            (5, 100, 0, 5),
            (5, 100, 50, 10),
            (5, 100, 90, 50),
            (5, 4, 3, 8),
            (u64::MAX, u64::MAX, u64::MAX, u64::MAX),
        ] {
            assert_eq!(estimate(found, all, open), expect, "{found} {all} {open}");
        }
    }
}
