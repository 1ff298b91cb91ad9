//! Paging: how many a call answers with, and whether there are more.

use serde::{Deserialize, Serialize};

use crate::error::ApiError;

const LARGEST: u32 = 1000;

/// How many items a call may answer with: 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Limit(pub(crate) u32);

impl Limit {
    /// The limit that was asked for, 100 by default.
    pub(crate) fn new(asked: Option<u32>) -> Result<Self, ApiError> {
        match asked.unwrap_or(100) {
            limit @ 1..=LARGEST => Ok(Self(limit)),
            limit => Err(ApiError::bad_request(format!("limit is {limit}; it must be from 1 to {LARGEST}."))),
        }
    }

    /// The number to ask the store for: one more than wanted, which shows whether there is a next page.
    pub(crate) fn probe(self) -> u32 {
        self.0 + 1
    }

    /// Cuts `items` to the limit and says where the next page starts, if there is one.
    pub(crate) fn cut<T, K>(self, items: &mut Vec<T>, key: impl Fn(&T) -> K) -> Option<K> {
        let more = items.len() > self.0 as usize;
        items.truncate(self.0 as usize);
        more.then(|| items.last().map(key)).flatten()
    }
}
