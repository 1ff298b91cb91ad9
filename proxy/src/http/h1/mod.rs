//! HTTP/1 on our own message layer (RFC 9112): heads stay as they are on the wire, framing is strict.
//!
//! [`parse`] reads heads, [`framing`] alone decides where a body ends, [`decoder`] takes the framing off,
//! [`encode`] puts it on. [`server`] speaks to clients; the upstream's side is in `upstream/`.

mod client_side;
pub(crate) mod decoder;
pub(crate) mod encode;
pub(crate) mod framing;
pub(crate) mod parse;
mod persistence;
mod raw;
pub(crate) mod reader;
mod refusal;
pub(crate) mod request_body;
mod salvage;
pub(crate) mod server;
pub(crate) mod writer;
