//! Bodies for reading: content codings undone and charsets decoded, within limits that no body can exceed.
//!
//! A body is never held whole. [`Plan`] is how it is coded; [`Reading`] undoes that in steps, each on a thread that holds
//! nobody up, a few at a time in the whole process; [`scan`] reads it once and says what is in it. Who stops asking
//! stops the work.

mod charset;
mod codings;
mod decoders;
pub(crate) mod pace;
mod plan;
mod reading;
mod scan;

pub(crate) use charset::{Utf8, Writer};
pub use decoders::{Decoders, Decoding};
pub(crate) use plan::Plan;
pub(crate) use reading::Reading;
pub(crate) use scan::{Scanned, scan};

#[cfg(test)]
mod tests;
