//! Records as bytes: lengths before what they are of, numbers as short as they are.
//!
//! A reader trusts nothing: each length is compared with what is left before anything is allocated, and each number of a
//! kind is looked up. The layout has a version ([`VERSION`]): a ring of
//! another one is not read.

mod connection;
mod cursor;
mod entry;
mod exchange;
mod head;
mod message;
mod values;

#[cfg(test)]
mod tests;

pub use cursor::Malformed;
pub use entry::Entry;
pub(crate) use entry::{
    write_certificate, write_connection, write_discarded, write_finished, write_interrupted, write_kept,
    write_message, write_opened, write_part, write_upstream_connection,
};

/// The version of the layout. It changes with any type that is written.
pub(crate) const VERSION: u16 = 3;
