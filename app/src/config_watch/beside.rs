//! The parts of `config.toml` beside the settings that come into force while dashcam runs: the budget, and everything of
//! the flight recorder but its ring.

use anyhow::Result;
use dashcam_store::{Retention, Store};
use tokio::sync::watch;

use crate::flight::{FlightControls, FlightOptions};
use crate::options::{BudgetOptions, Options};
use crate::redaction::Redacting;

/// The parts that are in force.
#[derive(Debug)]
pub(crate) struct Beside {
    budget: watch::Sender<BudgetOptions>,
    /// The bounds of the recording, those of the budget left out.
    bounds: Retention,
    store: Store,
    flight: FlightOptions,
    controls: FlightControls,
    redacting: Redacting,
}

impl Beside {
    /// Those with which dashcam starts.
    pub(crate) fn new(
        options: &Options,
        store: Store,
        controls: FlightControls,
        redacting: Redacting,
    ) -> Self {
        let (budget, flight) = (watch::Sender::new(options.budget), options.flight.clone());
        Self { budget, bounds: options.retention, store, flight, controls, redacting }
    }

    /// Redaction, which comes into force before rules do.
    pub(crate) fn redacting(&self) -> Redacting {
        self.redacting.clone()
    }

    /// Gets each budget that comes into force.
    pub(crate) fn budgets(&self) -> watch::Receiver<BudgetOptions> {
        self.budget.subscribe()
    }

    /// Returns whether there is a flight recorder, whose triggers can be changed.
    pub(super) fn has_recorder(&self) -> bool {
        self.controls.has_recorder()
    }

    /// Puts in force those parts of `options` that differ from the last ones; names them.
    ///
    /// # Errors
    /// When the flight recorder's triggers make no sense; nothing changes then.
    pub(super) async fn put_in_force(&mut self, options: &Options) -> Result<Vec<&'static str>> {
        let mut changed = Vec::new();
        let flight = FlightOptions {
            // These stay until the next start.
            size: self.flight.size,
            file: self.flight.file.clone(),
            ..options.flight.clone()
        };
        if self.has_recorder() && flight != self.flight {
            self.controls.put_in_force(flight.triggers()?, flight.pace, flight.keep);
            self.flight = flight;
            changed.push("[flight]");
        }
        if *self.budget.borrow() != options.budget {
            self.budget.send_replace(options.budget);
            changed.push("[budget]");
            let retention = options.budget.within(self.bounds);
            if let Err(error) = self.store.admin().set_retention(retention).await {
                tracing::warn!(%error, "the bounds of the recording don't follow the budget yet");
            }
        }
        Ok(changed)
    }
}
