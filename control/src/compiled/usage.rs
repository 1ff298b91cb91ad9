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
}

impl Usage {
    pub(crate) fn new(rules: &Arc<Rules>, index: usize) -> Self {
        Self { rules: Arc::clone(rules), index }
    }

    fn rule(&self) -> &CompiledRule {
        &self.rules.list[self.index]
    }

    /// Notes that the exchange has ended: called once, with what is stored of it.
    pub fn ended(&self, exchange: &Exchange) {
        let bytes = stored_bytes(exchange, exchange.level, u64::MAX);
        let rule = self.rule();
        rule.stored(bytes);
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
