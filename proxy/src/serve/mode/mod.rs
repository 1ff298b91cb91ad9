//! How a listener's destinations become known: one file a mode.

pub(crate) mod forward;
pub(crate) mod reverse;
