//! The exchange that a recording keeps, and who shares it.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use dashcam_exchange::Exchange;

/// The invariant of [`Shareable::Own`].
const TAKEN: &str = "taken only in share, which leaves another";

/// An exchange: its recording's own, and shared with the store once it has ended.
#[derive(Debug)]
pub(crate) enum Shareable {
    /// `None` for a moment in [`Shareable::share`].
    Own(Option<Box<Exchange>>),
    Shared(Arc<Exchange>),
}

impl Shareable {
    pub(crate) fn new(exchange: Exchange) -> Self {
        Self::Own(Some(Box::new(exchange)))
    }

    /// Returns whether it can still change.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }

    /// The exchange, which does not change any more.
    pub(crate) fn share(&mut self) -> Arc<Exchange> {
        let shared = match self {
            Self::Own(own) => Arc::from(own.take().expect(TAKEN)),
            Self::Shared(shared) => Arc::clone(shared),
        };
        *self = Self::Shared(Arc::clone(&shared));
        shared
    }
}

impl Deref for Shareable {
    type Target = Exchange;

    fn deref(&self) -> &Exchange {
        match self {
            Self::Own(own) => own.as_deref().expect(TAKEN),
            Self::Shared(shared) => shared,
        }
    }
}

impl DerefMut for Shareable {
    fn deref_mut(&mut self) -> &mut Exchange {
        match self {
            Self::Own(own) => own.as_deref_mut().expect(TAKEN),
            Self::Shared(shared) => Arc::make_mut(shared),
        }
    }
}
