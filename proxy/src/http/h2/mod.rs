//! HTTP/2 with clients (RFC 9113), on the h2 crate: it frames, compresses fields and guards against floods; what a
//! message means is ours.
//!
//! [`server`] accepts a connection's streams, [`stream`] answers one of them if [`rules`] let it, [`body`] reads and [`send`] writes
//! bodies, for both sides; [`io`] makes a stream a stream of bytes, for what switches protocols (RFC 8441).

mod ahead;
pub(crate) mod body;
pub(crate) mod extended_connect;
pub(crate) mod fields;
pub(crate) mod in_flight;
pub(crate) mod io;
mod rules;
pub(crate) mod send;
pub(crate) mod server;
mod stream;
#[cfg(test)]
mod tests;
