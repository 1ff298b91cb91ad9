//! The files of a recording: which they are, who may write them, and the lock that keeps a second writer out.

pub(crate) mod database;
pub(crate) mod exposure;
pub(crate) mod identity;
pub(crate) mod path;
pub(crate) mod room;
