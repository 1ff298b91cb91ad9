//! The work of `dashcam db`: to look at a recording as a whole, check, repair and shrink it.
//!
//! All but the swap of a repaired file is synchronous: nobody waits for these but the person who asked. What only looks
//! works on a recording that another process writes; what changes takes the lock.

pub(crate) mod access;
mod check;
mod consistency;
mod fix_counts;
mod info;
mod recover;
mod repair;
mod replace;
mod vacuum;

pub use check::{Checked, Problem, check};
pub use info::{GapInfo, Info, info, schema};
pub use recover::Salvaged;
pub use repair::{Repaired, repair};
pub use vacuum::{Vacuumed, vacuum};
