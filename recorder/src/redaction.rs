//! Redaction: secrets are taken out of what is recorded before it leaves memory.
//!
//! `in_force` has the sets and keys, `stage` is the writer's part, which every record passes, and `shown` makes the
//! copies that readers of memory and live watchers get. Nothing of it runs on threads that carry traffic.

pub(crate) mod apply;
pub(crate) mod counts;
#[cfg(test)]
mod faults;
pub(crate) mod in_force;
pub(crate) mod reading;
pub(crate) mod shown;
pub(crate) mod split;
pub(crate) mod stage;
pub(crate) mod streams;
mod timed;
pub(crate) mod under_way;
