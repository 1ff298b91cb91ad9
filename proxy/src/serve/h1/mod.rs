//! HTTP/1 with clients: [`server`] reads one request after another; [`refusal`] answers those that are not passed on.

pub(crate) mod best_effort;
pub(crate) mod client_side;
pub(crate) mod persistence;
pub(crate) mod refusal;
pub(crate) mod request_body;
pub(crate) mod server;
