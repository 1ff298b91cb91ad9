//! Conditions on bytes: what the matcher runs.

pub(crate) mod dialect;
pub(crate) mod fold;
pub(crate) mod json;
pub(crate) mod pattern;
