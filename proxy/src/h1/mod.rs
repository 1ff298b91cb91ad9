//! HTTP/1's message layer (RFC 9112), for both sides: heads stay as they are on the wire, framing is strict.
//!
//! [`parse`] reads heads, [`framing`] alone decides where a body ends, [`decoder`] takes the framing off,
//! [`encode`] puts it on. [`reader`] and [`writer`] are a connection's halves.

pub(crate) mod decoder;
pub(crate) mod encode;
pub(crate) mod framing;
pub(crate) mod parse;
pub(crate) mod raw;
pub(crate) mod reader;
pub(crate) mod writer;
