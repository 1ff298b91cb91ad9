//! Measures what recording costs, and holds it within its budget and the container's limits.
//!
//! The decision is the governor's ([`dashcam_governor`]). This looks once a second, asks it, puts the step in force, and
//! tells the log, the history, the page and the metrics.

mod calibration;
mod metered;
mod obstacles;
mod readings;

use std::sync::Arc;
use std::time::{Duration, Instant};

use dashcam_changes::Changes;
use dashcam_control::Control;
use dashcam_governor::{Board, Governor, Report, StepChange, Stepped, Tally};
use dashcam_proxy::LagProbe;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

pub(crate) use metered::{CpuMeter, metered};
pub(crate) use obstacles::Obstacles;
pub(crate) use readings::Meters;

use crate::options::BudgetOptions;

/// Pings of each thread between two looks.
const PINGS: u32 = 50;
/// The looks over which the 99th percentile of pings is taken.
const WINDOW: u32 = 10;

/// Everything that holds recording within its budget.
pub(crate) struct Governing {
    /// The budget, which may change.
    pub(crate) options: watch::Receiver<BudgetOptions>,
    pub(crate) meters: Meters,
    /// Asked while a delay is to be kept.
    pub(crate) probe: LagProbe,
    pub(crate) control: Arc<Control>,
    pub(crate) board: Arc<Board>,
    /// Takes steps into the history.
    pub(crate) changes: Changes,
}

/// Its state from look to look.
struct State {
    governor: Governor,
    tally: Tally,
    began: Instant,
}

impl Governing {
    /// Looks until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut state = State {
            governor: Governor::new(self.options.borrow().pace),
            tally: Tally::default(),
            began: Instant::now(),
        };
        let calibrated = stop.run_until_cancelled(self.meters.calibrate()).await;
        if calibrated.is_none() {
            return;
        }
        while !stop.is_cancelled() {
            let options = *self.options.borrow_and_update();
            state.governor.set_pace(options.pace);
            self.govern(&options, &mut state, &stop).await;
        }
    }

    /// Looks as `options` say, until others are in force or `stop`.
    async fn govern(&mut self, options: &BudgetOptions, state: &mut State, stop: &CancellationToken) {
        let [mut look, mut ping] =
            [options.look, (options.look / PINGS).max(Duration::from_millis(1))].map(interval);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Ok(()) = self.options.changed() => return,
                _ = look.tick() => self.look(options, state).await,
                _ = ping.tick(), if options.budget.p99.is_some() => self.probe.ping(),
            }
        }
    }

    async fn look(&mut self, options: &BudgetOptions, state: &mut State) {
        let lag = options.budget.p99.and_then(|_| self.probe.p99(options.look * WINDOW));
        let readings = self.meters.read(&options.budget, lag).await;
        let at = state.began.elapsed();
        state.tally.pass(state.governor.step(), at);
        if let Some(stepped) = state.governor.look(&readings, at) {
            state.tally.step(stepped.from, stepped.to);
            self.take(&stepped);
        }
        self.board.put(Report { readings, tally: state.tally });
    }

    /// Puts a step in force.
    fn take(&self, stepped: &Stepped) {
        let Stepped { from, to, because } = stepped;
        self.control.set_step(*to);
        let because = because.to_string();
        if to > from {
            tracing::warn!(step = %to, "recording steps down to {to}, traffic goes on: {because}");
        } else {
            tracing::info!(step = %to, "recording steps up to {to}: {because}");
        }
        let change = StepChange { step: *to, since: dashcam_recorder::now(), because: Some(because) };
        self.changes.step(change.since, change.step, change.because.clone());
        self.board.tell(change);
    }
}
