//! Many small bodies in one row, compressed together: answers of one API are much alike, so that they take a fraction
//! of their size, and SQLite and the disk have less to do than with a row for each.
//!
//! A pack holds bodies of one batch only: those that ended within the same fraction of a second.

mod format;
mod packer;
mod replaced;
mod rows;

pub(crate) use format::{Stored, Unpacker, body_in};
pub(crate) use packer::Packer;
pub use packer::Packing;
pub(crate) use replaced::replace;
#[cfg(test)]
pub(crate) use rows::FORGET;
pub(crate) use rows::{
    Pack, TABLE, bind, drop_bodies, drop_these, forget, lengths, next, of_bodies, read_one, unpack,
};
