//! The place of a body in a recording.

use dashcam_exchange::{Destination, Exchange, ExchangeId};

/// The place of a body among others: its dictionary is an earlier one of its origin.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) exchange: ExchangeId,
    pub(super) origin: Destination,
}

impl Place {
    pub(super) fn of(exchange: &Exchange) -> Self {
        Self { exchange: exchange.id, origin: exchange.destination.clone() }
    }
}
