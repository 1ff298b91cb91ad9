//! Segments: the facts of which lists and counts are made, of 1024 exchanges each, column by column.
//!
//! A row of `exchange_rows` has two heads of JSON; a search would read gigabytes for what fits into some megabytes. So
//! the narrow facts are kept a second time, packed. A segment that is stored says all there is about its block of
//! ids: whatever adds, changes or deletes an exchange there deletes the segment in the same transaction ([`forget`]).
//! It is made from the rows, behind the writer, and made again where it is missing; nothing is lost with it. Blocks
//! without one are read from the rows into the same form ([`gather`]).

mod compression;
mod disagreeing;
pub(crate) mod gather;
mod integers;
mod layout;
mod names;
mod stored;
mod targets;
#[cfg(test)]
mod tests;
mod wanted;

pub(crate) use disagreeing::disagreeing;
pub(crate) use integers::Column;
pub(crate) use layout::{BITS, Segment, block_of, ids_of};
pub(crate) use names::Names;
pub(crate) use stored::{Head, forget, heads, load, missing, store};
#[cfg(test)]
pub(crate) use stored::{LOAD, heads_statement};
pub(crate) use wanted::Wanted;
