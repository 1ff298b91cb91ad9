//! Bodies for reading: content codings undone and charsets decoded, within limits that no body can exceed.
//!
//! A body is never held whole. [`Plan`] is how it is coded; [`Reading`] undoes that in steps, each on a thread that holds
//! nobody up, a few at a time in the whole process; [`scan`] reads it once and says what is in it. Who stops asking
//! stops the work.

mod arriving;
mod at_once;
mod aws_chunked;
mod body_place;
mod brotli_end;
mod charset;
mod codings;
mod declared;
mod decoders;
mod dictionary;
mod gzip;
mod kind;
mod layer;
pub(crate) mod pace;
mod plan;
mod reading;
mod scan;
mod utf8;

pub(crate) use arriving::Mark;
pub(crate) use at_once::searched;
pub(crate) use charset::Writer;
pub use decoders::{Decoders, Decoding};
pub(crate) use plan::Plan;
pub(crate) use reading::Reading;
pub(crate) use scan::{Scanned, scan};
pub(crate) use utf8::Utf8;

#[cfg(test)]
mod tests;
