//! Bytes on their way, limits and threads: what knows no message.
//!
//! [`io`] is a stream whatever carries it ([`tcp`], [`tls_stream`], HTTP/2's streams); [`admission`], [`transit`] and
//! [`turns`] give each client its share of connections, bytes and time.

pub(crate) mod admission;
pub(crate) mod alpn;
pub(crate) mod deadline;
pub(crate) mod failure_log;
pub(crate) mod halves;
pub(crate) mod io;
pub(crate) mod lag;
pub(crate) mod limited;
pub(crate) mod lock;
pub(crate) mod log_rate;
pub(crate) mod own_sockets;
pub(crate) mod relay_limits;
pub(crate) mod stream_end;
pub(crate) mod swept_map;
pub(crate) mod tasks;
pub(crate) mod tcp;
pub(crate) mod tls;
pub(crate) mod tls_stream;
pub(crate) mod transit;
pub(crate) mod turns;
pub(crate) mod unread;
pub(crate) mod wakers;
pub(crate) mod workers;
pub(crate) mod write_timeout;
