//! The bytes that are stored by a rule.

use std::fmt;
use std::sync::Arc;

use dashcam_exchange::Exchange;

use super::rule::CompiledRule;
use super::rules::Rules;
use super::stored_bytes::stored_bytes;

/// The rule by which an exchange is kept, which is to know how many bytes that makes in the end.
#[derive(Clone)]
pub struct Usage {
    rules: Arc<Rules>,
    index: usize,
    /// Bytes of its bodies that a lease knows of already.
    noted: u64,
}

impl Usage {
    pub(crate) fn new(rules: &Arc<Rules>, index: usize) -> Self {
        Self { rules: Arc::clone(rules), index, noted: 0 }
    }

    fn rule(&self) -> &CompiledRule {
        &self.rules.list[self.index]
    }

    /// Notes that so many bytes of its bodies are on their way to the store by now, while it goes on. Returns whether those
    /// of a lease are used up: then no more of its bodies is to be stored.
    pub fn handed_over(&mut self, bytes: u64) -> bool {
        let more = bytes.saturating_sub(self.noted);
        self.noted += more;
        self.rule().lease.as_ref().is_some_and(|lease| lease.add_bytes(more))
    }

    /// Notes that the exchange has ended: called once, with what is stored of it.
    pub fn ended(&self, exchange: &Exchange) {
        let bytes = stored_bytes(exchange, exchange.level, u64::MAX);
        let rule = self.rule();
        rule.stored(bytes, self.noted);
        if let Some(sampler) = &rule.sampler {
            sampler.used(bytes, || self.rules.now());
        }
    }
}

impl PartialEq for Usage {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rules, &other.rules) && self.index == other.index
    }
}

impl Eq for Usage {}

impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Usage").field(&self.rule().state.name).finish()
    }
}
