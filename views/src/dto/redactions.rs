//! Redaction of what is stored.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::selection::Redacted;
use crate::stored_redaction;

/// Values of one kind that are replaced in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// The place, as `request header authorization` or `response body`.
    pub place: String,
    /// The kind, as it stands in placeholders; empty for values in whose places nothing stands.
    pub kind: String,
    /// How many.
    pub count: u64,
}

/// The values that are replaced in one exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExchangeFindings {
    /// The exchange.
    pub id: i64,
    /// Its values, by place and kind.
    pub findings: Vec<Finding>,
}

/// A part of a redaction of stored exchanges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RedactionPart {
    /// The set, with the hash of what it says.
    pub set: String,
    /// Exchanges that were looked at.
    pub exchanges: u64,
    /// Those of them in which values are replaced.
    pub changed: u64,
    /// Those that were under this set already.
    pub done: u64,
    /// Those that are under way, and are left out.
    pub open: u64,
    /// Those that are too large to be held in memory, and are left as they are.
    pub too_large: Vec<i64>,
    /// Those on which redaction itself failed, which is a bug, and that are left as they are.
    pub failed: Vec<i64>,
    /// All that is replaced, by place and kind.
    pub findings: Vec<Finding>,
    /// The same by exchange: only of a dry run.
    pub by_exchange: Vec<ExchangeFindings>,
    /// Where the next call goes on; null at the end.
    #[schema(required)]
    pub next_after: Option<i64>,
}

impl From<stored_redaction::Finding> for Finding {
    fn from(stored_redaction::Finding { place, kind, count }: stored_redaction::Finding) -> Self {
        Self { place, kind, count }
    }
}

impl RedactionPart {
    /// Of a part that was redacted by a set, or, in a dry run, would be.
    #[must_use]
    pub fn new(set: &str, redacted: Redacted, is_dry: bool) -> Self {
        let by_exchange = redacted.by_exchange.into_iter().filter(|_| is_dry);
        let findings = redacted.sum.into_iter();
        Self {
            set: set.to_owned(),
            exchanges: redacted.exchanges,
            changed: redacted.changed,
            done: redacted.done,
            open: redacted.open,
            too_large: redacted.too_large.iter().map(|id| id.0).collect(),
            failed: redacted.failed.iter().map(|id| id.0).collect(),
            findings: findings.map(|((place, kind), count)| Finding { place, kind, count }).collect(),
            by_exchange: by_exchange
                .map(|(id, findings)| ExchangeFindings {
                    id: id.0,
                    findings: findings.into_iter().map(Finding::from).collect(),
                })
                .collect(),
            next_after: redacted.next.map(|id| id.0),
        }
    }

    /// How many values are replaced.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.findings.iter().map(|finding| finding.count).sum()
    }

    /// Adds the next part to those so far.
    pub fn add(&mut self, next: Self) {
        self.set = next.set;
        self.exchanges += next.exchanges;
        self.changed += next.changed;
        self.done += next.done;
        self.open += next.open;
        self.too_large.extend(next.too_large);
        self.failed.extend(next.failed);
        for found in next.findings {
            let known =
                self.findings.iter_mut().find(|one| one.place == found.place && one.kind == found.kind);
            match known {
                Some(known) => known.count += found.count,
                None => self.findings.push(found),
            }
        }
        self.by_exchange.extend(next.by_exchange);
        self.next_after = next.next_after;
    }
}
