//! Redaction of the exchanges of a selection, in steps that are short. One that was redacted is under the set from then on,
//! so that a pass that was stopped, or killed, goes on where it was.

use std::collections::BTreeMap;
use std::time::Instant;

use dashcam_exchange::{ExchangeId, Timestamp};
use dashcam_store::{Admin, ReadError, Rewrite};

use super::Selection;
use crate::stored_redaction::{Finding, Outcome, StoredRedaction};

/// Exchanges that are rewritten in one transaction.
const AT_ONCE: usize = 32;
/// Bytes of bodies that are.
const BYTES: usize = 8 << 20;

/// The exchanges of a part of a selection that were redacted, or would be.
#[derive(Debug, Default)]
pub struct Redacted {
    /// Those that were looked at.
    pub exchanges: u64,
    /// Those of them in which something is replaced.
    pub changed: u64,
    /// Those that were under this set already.
    pub done: u64,
    /// Those that go on, and are left out.
    pub open: u64,
    /// Those that are too large to be held in memory, and are left as they are.
    pub too_large: Vec<ExchangeId>,
    /// Those on which redaction itself failed, and that are left as they are.
    pub failed: Vec<ExchangeId>,
    /// All that is replaced, by place and kind.
    pub sum: BTreeMap<(String, String), u64>,
    /// The same by exchange, where something is.
    pub by_exchange: Vec<(ExchangeId, Vec<Finding>)>,
    /// Where the next part begins, which is behind this exchange; `None` at the end.
    pub next: Option<ExchangeId>,
}

impl Selection {
    /// Redacts those behind `after`, and stops behind a step once `until` has passed. Without an `admin` nothing is written.
    ///
    /// # Errors
    /// When the store cannot be read or written; what was redacted until then stays so.
    pub async fn redact(
        &self,
        by: &StoredRedaction,
        admin: Option<&Admin>,
        (after, now, until): (Option<ExchangeId>, Timestamp, Instant),
    ) -> Result<Redacted, ReadError> {
        let mut redacted = Redacted::default();
        let mut next = Some(after);
        while let Some(after) = next {
            let part = self.part(after, until).await?;
            let mut waiting = Waiting::default();
            let mut last = None;
            for row in &part.rows {
                if self.horizon.had_ended(row) {
                    waiting.add(redacted.add(row.id, by.of(row.id, now).await?));
                } else {
                    redacted.open += 1;
                }
                last = Some(row.id);
                if waiting.is_full() {
                    waiting.write(admin).await?;
                }
                if Instant::now() >= until {
                    break;
                }
            }
            waiting.write(admin).await?;
            let is_through = last == part.rows.last().map(|row| row.id);
            redacted.next = if is_through { part.next } else { last };
            next = redacted.next.map(Some).filter(|_| Instant::now() < until);
        }
        Ok(redacted)
    }
}

impl Redacted {
    /// Notes the outcome for an exchange; gives what is to be written.
    fn add(&mut self, id: ExchangeId, outcome: Outcome) -> Option<Box<Rewrite>> {
        self.exchanges += 1;
        match outcome {
            Outcome::LeftOut => self.open += 1,
            Outcome::Done => self.done += 1,
            Outcome::TooLarge => self.too_large.push(id),
            Outcome::Failed => self.failed.push(id),
            Outcome::Found(findings, rewrite) => {
                self.note(id, findings);
                return rewrite;
            }
        }
        None
    }

    /// Notes what is replaced in an exchange.
    pub fn note(&mut self, id: ExchangeId, findings: Vec<Finding>) {
        for Finding { place, kind, count } in &findings {
            *self.sum.entry((place.clone(), kind.clone())).or_default() += count;
        }
        if !findings.is_empty() {
            self.changed += 1;
            self.by_exchange.push((id, findings));
        }
    }
}

/// Rewrites that wait for their transaction.
#[derive(Default)]
struct Waiting {
    all: Vec<Rewrite>,
    bytes: usize,
}

impl Waiting {
    fn add(&mut self, rewrite: Option<Box<Rewrite>>) {
        if let Some(rewrite) = rewrite {
            self.bytes += rewrite.bodies.iter().flatten().map(Vec::len).sum::<usize>();
            self.bytes += rewrite.messages.iter().map(|message| message.data.len()).sum::<usize>();
            self.all.push(*rewrite);
        }
    }

    fn is_full(&self) -> bool {
        self.all.len() >= AT_ONCE || self.bytes >= BYTES
    }

    async fn write(&mut self, admin: Option<&Admin>) -> Result<(), ReadError> {
        let all = std::mem::take(&mut self.all);
        self.bytes = 0;
        match admin {
            Some(admin) if !all.is_empty() => Ok(admin.rewrite(all).await.map(drop)?),
            _ => Ok(()),
        }
    }
}
