//! The way in for what is copied.

pub(crate) mod secrets;
