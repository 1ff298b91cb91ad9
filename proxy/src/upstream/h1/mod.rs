//! HTTP/1 with upstreams: [`exchange`] sends a request ([`upload`]) and reads its answer ([`response_body`]).

pub(crate) mod connection;
pub(crate) mod exchange;
mod no_response;
pub(crate) mod response_body;
pub(crate) mod upload;
