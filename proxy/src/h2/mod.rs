//! HTTP/2 (RFC 9113) on the h2 crate, for both sides: it frames, compresses fields and guards against floods; what a
//! message means is ours.
//!
//! [`body`] reads and [`send`] writes bodies; [`io`] makes a stream a stream of bytes, for what switches protocols
//! (RFC 8441). [`gather`] is between h2 and the connection.

pub(crate) mod ahead;
pub(crate) mod body;
pub(crate) mod extended_connect;
pub(crate) mod fields;
pub(crate) mod gather;
pub(crate) mod in_flight;
pub(crate) mod io;
pub(crate) mod send;
