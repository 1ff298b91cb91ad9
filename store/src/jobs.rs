//! The jobs of the thread that writes, a transaction or a few at a time.

pub(crate) mod append;
pub(crate) mod backfill;
pub(crate) mod delete;
mod discard;
pub(crate) mod index;
pub(crate) mod retain;
pub(crate) mod rewrite;
pub(crate) mod scrub;
pub(crate) mod seals;
pub(crate) mod shrink;
pub(crate) mod snapshot;
pub(crate) mod waiting;
