//! Traffic: from an accepted socket to an answered request.
//!
//! In reading order: `listener` (`access`) → `mode` → `conduit` (`detect`, `decide`) → `tunnel` or `tls` → `http` →
//! `exchange_service` (`rewrite`, `body`) → `upstream` → `respond`; `relay`, `upgraded` and `websocket` for what
//! switches protocols; `replay` enters at `exchange_service`. Nothing here knows a disk.

mod access;
mod alpn;
mod bell;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
mod body;
mod conduit;
mod config;
mod connection_log;
mod deadline;
mod decide;
mod detect;
mod engine;
mod exchange_service;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod grpc;
mod http;
#[cfg(any(test, fuzzing, feature = "bench"))]
mod in_memory;
mod io;
mod key_log;
mod listener;
mod message;
mod meter;
mod mirror;
mod mode;
mod proxy;
mod relay;
mod replay;
mod respond;
mod rewrite;
mod tasks;
mod tls;
mod tls_stream;
mod tunnel;
mod upgraded;
mod upstream;
mod websocket;
mod workers;

pub use config::{
    AccessConfig, ClientCertificate, Config, Credential, Hosts, InvalidClientCertificate, InvalidCredential,
    InvalidMode, InvalidNetwork, InvalidPorts, Limits, ListenerConfig, Mode, ModeKind, Network, Ports,
    Timeouts, UpstreamTls,
};
pub use listener::BindError;
pub use meter::{Latency, Outcomes, Traffic};
pub use proxy::Proxy;
pub use replay::{Replay, ReplayError, Replayer};
