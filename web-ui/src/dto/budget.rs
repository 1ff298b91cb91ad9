//! The cost of recording, the step at which a budget holds it, and the limits of the container.

use dashcam_governor::{Governed, Measure, Reading, Standing, StepChange};
use dashcam_views::dto::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much is recorded within the budget, at most. The rules decide below that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Everything that the rules say.
    Full,
    /// Heads, sizes and timings; no bodies.
    Heads,
    /// The same of one exchange in ten.
    Sample,
    /// Counts and latencies only.
    Metrics,
}

impl From<dashcam_control::Step> for Step {
    fn from(step: dashcam_control::Step) -> Self {
        match step {
            dashcam_control::Step::Full => Self::Full,
            dashcam_control::Step::Heads => Self::Heads,
            dashcam_control::Step::Sample => Self::Sample,
            dashcam_control::Step::Metrics => Self::Metrics,
        }
    }
}

impl Step {
    /// "full", "heads", "sample" or "metrics".
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Heads => "heads",
            Self::Sample => "sample",
            Self::Metrics => "metrics",
        }
    }
}

/// The step in force: the `step` event, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepInForce {
    /// The step.
    pub step: Step,
    /// Since when.
    pub since: Time,
    /// The measure that was beyond its bound, or the time for which all were well within theirs; null at the start.
    #[schema(required)]
    pub because: Option<String>,
}

impl From<StepChange> for StepInForce {
    fn from(change: StepChange) -> Self {
        Self { step: change.step.into(), since: change.since.into(), because: change.because }
    }
}

/// The part of the cost that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CostName {
    /// CPU time of recording, in percent of the CPUs that dashcam may use.
    Cpu,
    /// Bytes that the recorder holds.
    Memory,
    /// Bytes of the database on disk.
    Disk,
    /// The 99th percentile of the wait of ready work on traffic's threads, in microseconds. Measured only for a budget.
    P99,
    /// Bytes of memory that the container uses; the bound is its limit.
    Container,
    /// The fuller of the recorder's queues, in percent.
    Queue,
    /// Exchanges that found no room since the last look.
    Dropped,
}

impl From<Measure> for CostName {
    fn from(measure: Measure) -> Self {
        match measure {
            Measure::Cpu => Self::Cpu,
            Measure::Memory => Self::Memory,
            Measure::Disk => Self::Disk,
            Measure::P99 => Self::P99,
            Measure::Container => Self::Container,
            Measure::Queue => Self::Queue,
            Measure::Dropped => Self::Dropped,
        }
    }
}

/// A measured part of the cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Cost {
    /// The part.
    pub name: CostName,
    /// Its value at the last look.
    pub value: f64,
    /// Its bound; null if it has none.
    #[schema(required)]
    pub bound: Option<f64>,
    /// True if it is beyond its bound.
    pub beyond: bool,
}

impl From<&Reading> for Cost {
    fn from(reading: &Reading) -> Self {
        let beyond = reading.standing() >= Standing::Beyond;
        Self { name: reading.measure.into(), value: reading.value, bound: reading.bound, beyond }
    }
}

/// The seconds since the start in which each step was in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StepSeconds {
    /// Everything that the rules say.
    pub full: f64,
    /// No bodies.
    pub heads: f64,
    /// One exchange in ten.
    pub sample: f64,
    /// Counts only.
    pub metrics: f64,
}

/// The cost of recording, and the step at which a budget holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Budget {
    /// The step in force.
    #[serde(flatten)]
    pub in_force: StepInForce,
    /// The costs at the last look; empty before the first.
    pub costs: Vec<Cost>,
    /// Steps down since the start.
    pub steps_down: u64,
    /// Steps up.
    pub steps_up: u64,
    /// How long each step was in force.
    pub seconds: StepSeconds,
}

impl From<&Governed> for Budget {
    fn from(governed: &Governed) -> Self {
        let report = governed.board.report();
        let [full, heads, sample, metrics] = report.tally.time.map(|time| time.as_secs_f64());
        Self {
            in_force: governed.board.step().into(),
            costs: report.readings.iter().map(Cost::from).collect(),
            steps_down: report.tally.down,
            steps_up: report.tally.up,
            seconds: StepSeconds { full, heads, sample, metrics },
        }
    }
}

/// The limits of the container that dashcam runs in, and its own shares of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Container {
    /// CPUs that may be used at once, such as 1.5: those of the machine, or the quota.
    pub cpus: f64,
    /// The quota alone; null without one.
    #[schema(required)]
    pub cpu_quota: Option<f64>,
    /// Threads that carry traffic.
    pub workers: u64,
    /// Bytes of memory in use, of the group with the least room before its limit; null without a limit.
    #[schema(required)]
    pub memory_used: Option<u64>,
    /// Its limit.
    #[schema(required)]
    pub memory_limit: Option<u64>,
    /// Bytes that the recorder may hold.
    pub recorder_memory: u64,
    /// Threads and processes, of the group that may have the fewest more; null without a limit.
    #[schema(required)]
    pub threads_used: Option<u64>,
    /// Its limit.
    #[schema(required)]
    pub threads_limit: Option<u64>,
    /// Files and sockets that may be open.
    pub open_files: u64,
}

impl From<&Governed> for Container {
    fn from(governed: &Governed) -> Self {
        let (memory, threads) = (governed.cgroups.memory(), governed.cgroups.threads());
        Self {
            cpus: governed.cpus,
            cpu_quota: governed.cgroups.cpus(),
            workers: governed.workers as u64,
            memory_used: memory.map(|memory| memory.used),
            memory_limit: memory.map(|memory| memory.limit),
            recorder_memory: governed.recorder_memory as u64,
            threads_used: threads.map(|threads| threads.used),
            threads_limit: threads.map(|threads| threads.limit),
            open_files: governed.open_files as u64,
        }
    }
}
