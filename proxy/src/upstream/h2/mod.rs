//! HTTP/2 with upstreams: [`exchange`] sends a request over one of a destination's [`connections`] ([`slot`],
//! [`sender`]).

pub(crate) mod connections;
mod ended;
pub(crate) mod exchange;
pub(super) mod over_h1;
pub(crate) mod sender;
pub(crate) mod slot;
