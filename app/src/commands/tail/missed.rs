//! Exchanges that ended while nothing was heard of them.

use std::collections::BTreeSet;

use anyhow::Result;
use dashcam_views::dto::{State, Summaries, Summary};
use dashcam_web_ui::dto::Position;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Tail;

/// Numbers that are asked for at once, where they are listed, and where they follow each other.
const LISTED: usize = 500;
const IN_A_ROW: i64 = 1000;

impl Tail<'_> {
    /// Shows those that ended since `from`, up to the number `last`; says how many are not there any more.
    pub(super) async fn show_missed(&mut self, from: &Position, last: i64) -> Result<u64> {
        let mut lost = 0;
        for ids in from.waiting.chunks(LISTED) {
            let numbers = ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
            let there = self.show_those(&format!("id:{numbers}")).await?;
            lost += self.lost(ids.iter().copied(), &there);
        }
        let mut first = from.last + 1;
        while first <= last {
            let end = last.min(first + IN_A_ROW - 1);
            let there = self.show_those(&format!("id:{first}..{end}")).await?;
            lost += self.lost(first..=end, &there);
            first = end + 1;
        }
        Ok(lost)
    }

    /// How many of `ids` are neither `there` nor were shown.
    fn lost(&self, ids: impl Iterator<Item = i64>, there: &BTreeSet<i64>) -> u64 {
        ids.filter(|id| !there.contains(id) && !self.shown.contains(*id)).count() as u64
    }

    /// Shows those that match and have ended of the exchanges with these numbers, the oldest first; says which are there,
    /// matching or not.
    async fn show_those(&mut self, numbers: &str) -> Result<BTreeSet<i64>> {
        let filter = self.args.filter.join(" ");
        let all = self.list(numbers).await?;
        let matching = match filter.trim().is_empty() {
            true => None,
            false => Some(self.list(&format!("({filter}) {numbers}")).await?),
        };
        for exchange in matching.as_ref().unwrap_or(&all).iter().rev() {
            if exchange.state != State::Open {
                self.show(exchange)?;
            }
        }
        Ok(all.iter().map(|exchange| exchange.id).collect())
    }

    /// The exchanges that a filter chooses, the newest first.
    async fn list(&self, filter: &str) -> Result<Vec<Summary>> {
        let filter = utf8_percent_encode(filter, NON_ALPHANUMERIC);
        let (mut rows, mut before) = (Vec::new(), String::new());
        loop {
            let path = format!("/exchanges?filter={filter}&limit={IN_A_ROW}{before}");
            let page: Summaries = serde_json::from_value(self.client.get(&path).await?)?;
            rows.extend(page.exchanges);
            let Some(next) = page.next_before else { return Ok(rows) };
            before = format!("&before={next}");
        }
    }
}
