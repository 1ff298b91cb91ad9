//! The meaning of messages in every version of HTTP.

pub(crate) mod claims;
pub(crate) mod h2_to_h1;
pub(crate) mod hop_by_hop;
pub(crate) mod interim;
pub(crate) mod target;
pub(crate) mod trailers;
