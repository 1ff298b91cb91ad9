//! HTTP as clients speak it to us.

pub(crate) mod h1;
pub(crate) mod h2;
pub(crate) mod target;
