//! Traffic: from an accepted socket to an answered request.
//!
//! In reading order: `listener` (`access`) → `mode` → `conduit` (`detect`, `decide`) → `tunnel` or `tls` → `http` →
//! `exchange_service` (`rewrite`, `body`) → `upstream` → `respond`; `relay`, `upgraded` and `websocket` for what
//! switches protocols; `replay` enters at `exchange_service`. Nothing here knows a disk.

mod access;
mod admission;
mod alpn;
mod answer;
mod bell;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
mod body;
mod conduit;
mod config;
mod connection_log;
mod context;
mod deadline;
mod decide;
mod detect;
mod error;
mod exchange_service;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod grpc;
mod http;
#[cfg(any(test, fuzzing, feature = "bench"))]
mod in_memory;
mod inflating;
mod io;
mod key_log;
mod limited;
mod listener;
mod lock;
mod log_rate;
mod message;
mod meter;
mod mirror;
mod mode;
mod proxy;
mod relay;
mod replay;
mod replayer;
mod respond;
mod rewrite;
mod server;
mod shedding;
mod swept_map;
mod tasks;
mod tcp;
mod tls;
mod tls_stream;
mod transit;
mod tunnel;
mod turns;
mod upgraded;
mod upstream;
mod websocket;
mod workers;
mod write_timeout;

pub use admission::Connections;
pub use config::{
    AccessConfig, ClientCertificate, Config, ConnectionLimits, Credential, Hosts, InvalidClientCertificate,
    InvalidCredential, InvalidMode, InvalidNetwork, InvalidPorts, Limits, ListenerConfig, Mode, ModeKind,
    Network, Ports, Timeouts, UpstreamTls,
};
pub use error::BindError;
pub use limited::Limit;
pub use meter::{Latency, Outcomes, Traffic};
pub use proxy::Proxy;
pub use replay::{Replay, ReplayError};
pub use replayer::Replayer;
