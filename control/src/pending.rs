//! Decisions about exchanges that wait for more facts.

use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Exchange, Level};
use dashcam_filter::{Client, Moment};

/// The fate of an exchange about which is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is stored.
    Kept,
    /// A rule's level says that it is not.
    NotKept,
    /// It is not in the sample of its rule.
    SampledOut,
}

/// The decision about an exchange, once it is certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How much of it is stored.
    pub level: Level,
    /// The most bytes of each of its bodies that are.
    pub body_limit: u64,
    /// The name of the rule that decided.
    pub rule: Option<Arc<str>>,
    /// How long it is kept, from its beginning; as the bounds of the recording say if `None`.
    pub keep_for: Option<Duration>,
    /// Its fate: stored or not, and why not.
    pub kept: Kept,
}

/// A decision about an exchange that waits for more facts.
#[derive(Debug)]
pub struct Pending {
    verdict: Verdict,
}

impl Pending {
    /// Decides over what is known of `exchange` at `moment`, and of the client that sends it. `None`: it waits for more; at the
    /// end it never does.
    pub fn decide(
        &mut self,
        _exchange: &Exchange,
        moment: Moment,
        _client: Option<Client<'_>>,
    ) -> Option<Verdict> {
        (moment == Moment::End).then(|| self.verdict.clone())
    }
}
