//! The rules of a policy, ready to run.

mod candidates;
mod capture;
mod case;
mod decide;
mod gate;
mod narrowed;
mod rule;
mod rules;
mod state;
mod stored_bytes;
mod usage;

pub(crate) use self::candidates::Candidates;
pub(crate) use self::capture::Capture;
pub(crate) use self::case::Case;
pub use self::narrowed::Narrowed;
pub(crate) use self::rule::{CompiledRule, Stage};
pub(crate) use self::rules::{Beside, Rules};
pub(crate) use self::state::Known;
pub use self::usage::Usage;
