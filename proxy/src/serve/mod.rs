//! Clients: from an accepted socket to a request for the service of exchanges.
//!
//! In reading order: [`listener`] ([`access`], [`shedding`], [`proxy_protocol`]) → [`mode`] → [`detect`] →
//! [`verdict`] → [`dispatch`] → [`tls`] ([`alpn_negotiation`]) → [`h1`] or [`h2`]; [`tunnel`] and [`upgraded`] for what is relayed; [`client_record`]
//! is what is recorded of a connection, and carries the [`decision`] about it; [`rejection`] is what comes of a client or an
//! upstream that refuses our TLS, and [`trial`] finds out in a tunnel whether it did; [`setup_site`] is the site that dashcam
//! itself is, and [`setup_tunnel`] the way to it through a tunnel.

pub(crate) mod access;
pub(crate) mod alpn_negotiation;
pub(crate) mod answer;
pub(crate) mod client_record;
pub(crate) mod decision;
pub(crate) mod detect;
pub(crate) mod dispatch;
pub(crate) mod grant;
pub(crate) mod h1;
pub(crate) mod h2;
pub(crate) mod listener;
pub(crate) mod mode;
pub(crate) mod opened;
pub(crate) mod proxy_protocol;
pub(crate) mod record_heads;
pub(crate) mod rejection;
pub(crate) mod relay;
pub(crate) mod runtime;
pub(crate) mod server;
pub(crate) mod setup_site;
pub(crate) mod setup_tunnel;
pub(crate) mod shedding;
pub(crate) mod tls;
pub(crate) mod trial;
pub(crate) mod tunnel;
pub(crate) mod upgraded;
pub(crate) mod verdict;
