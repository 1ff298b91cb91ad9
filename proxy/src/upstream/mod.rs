//! The way to upstreams: a connection from the pool or a new one, HTTP/1 or HTTP/2.
//!
//! In reading order: `send` (`call`, `no_answer`) → `h1` or `h2` → `pool` (`key`, `group`) or `connect` (`dialer`,
//! `ready`, `resolve`, `permitted`, `parent`, `proxy_header`, `tls`) → `record`.

mod answer_timeout;
mod call;
mod connect;
mod dialer;
mod group;
mod h1;
mod h2;
mod key;
mod no_answer;
mod parent;
mod permitted;
mod pool;
mod proxy_header;
mod ready;
mod record;
mod resolve;
mod send;
mod session;
mod tls;
mod upstreams;

pub(crate) use call::{Answer, Call};
pub(crate) use connect::{connect_tcp, refused};
pub(crate) use dialer::Dialer;
pub(crate) use group::PoolGroup;
#[cfg(feature = "bench")]
pub(crate) use h1::upload::prepare as prepare_h1;
pub(crate) use key::{Key, ParentId, Protocol};
pub(crate) use no_answer::{NoAnswer, Unreached};
pub(crate) use proxy_header::ProxyHeader;
pub(crate) use ready::{Dialled, ReadyGuard};
pub(crate) use send::{prepare, send};
pub(crate) use session::ClientSession;
pub(crate) use tls::ClientTls;
pub(crate) use upstreams::Upstreams;
