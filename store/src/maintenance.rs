//! What `dashcam db` does: a look at a recording as a whole, its health, repair, and unused pages given back.
//!
//! All but the swap of a repaired file is synchronous: nobody waits for these but the person who asked. What only looks
//! works on a recording that another process writes; what changes takes the lock.

mod access;
mod check;
mod info;
mod mend;
mod repair;
mod salvage;
mod survey;
mod swap;
mod vacuum;

pub(crate) use access::uri;
pub use check::{Checked, Problem, check};
pub use info::{GapInfo, Info, info};
pub use repair::{Repaired, repair};
pub use salvage::Salvaged;
pub use vacuum::{Vacuumed, vacuum};
