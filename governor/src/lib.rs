//! The cost of recording held within a budget, and the limits of the container that dashcam runs in.
//!
//! [`Governor`] is the decision: measured values and a time go in, a step down or up comes out. It has no clock and does no
//! I/O. [`Cgroups`] reads the container's limits. [`Board`] has what others may know of both. `app` measures, asks, and does
//! what comes of it.

mod board;
mod budget;
mod cgroups;
mod cost;
mod governor;
mod measure;
mod tally;

pub use board::{Board, Governed, Report, StepChange};
pub use budget::{Budget, InvalidBudget};
pub use cgroups::{Cgroups, MemoryUse, ThreadUse};
pub use cost::{CaptureCost, Captured, CpuShare};
pub use governor::{Because, Governor, Pace, Stepped};
pub use measure::{Measure, Reading, Standing};
pub use tally::Tally;
