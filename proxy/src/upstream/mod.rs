//! The way to upstreams: a connection from the pool or a new one, HTTP/1 or HTTP/2.
//!
//! In reading order: `send` (`call`, `no_answer`) → `h1` or `h2` → `pool` (`key`, `place`, `connection`, `h2_slot`) or
//! `connect` (`resolve`, `permitted`, `tls`) → `facts`.

mod answer_timeout;
mod call;
mod connect;
mod connection;
mod dialer;
mod facts;
mod h1;
mod h1_response;
mod h2;
mod h2_connections;
mod h2_sender;
mod h2_slot;
mod key;
mod no_answer;
mod permitted;
mod place;
mod pool;
mod resolve;
mod send;
mod session;
mod tls;
mod upload;
mod upstreams;

pub(crate) use call::{Answer, Call};
pub(crate) use connect::{connect_tcp, refused};
pub(crate) use dialer::Dialer;
pub(crate) use key::{Key, Protocol};
pub(crate) use no_answer::NoAnswer;
pub(crate) use place::Place;
pub(crate) use send::{prepare, send};
pub(crate) use session::ClientSession;
pub(crate) use tls::ClientTls;
#[cfg(feature = "bench")]
pub(crate) use upload::prepare as prepare_h1;
pub(crate) use upstreams::Upstreams;
