//! Traffic: from an accepted socket to an answered request.
//!
//! In reading order: `serve` (clients) → `exchange` (the one path of every request) → `upstream`; below them what knows
//! none of these: `h1`, `h2`, `http`, `body`, `meter`, `net`; `grpc`, `websocket` and `inflating` read messages. Modules
//! know only what is below them. Nothing here knows a disk.

#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
mod body;
mod config;
mod context;
mod error;
mod exchange;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod grpc;
mod h1;
mod h2;
mod http;
#[cfg(any(test, fuzzing, feature = "bench"))]
mod in_memory;
mod inflating;
mod key_log;
mod meter;
mod net;
mod proxy;
mod replayer;
mod serve;
mod upstream;
mod websocket;

pub use config::{
    AccessConfig, ClientCertificate, Config, ConnectionLimits, Credential, EnvironmentProxies, HostPattern,
    Hosts, InvalidClientCertificate, InvalidCredential, InvalidHostPattern, InvalidNetwork, InvalidParent,
    InvalidParentRule, InvalidPorts, InvalidResolve, InvalidSendProxy, Limits, ListenerConfig, Mode, Network,
    OutboundConfig, Parent, ParentChoice, ParentRule, Ports, ProxyProtocol, ProxyVersion, Resolve, SendProxy,
    Timeouts, UpstreamTls,
};
pub use dashcam_programs::{Arguments, Counts as ProgramCounts};
pub use error::BindError;
pub use exchange::replay::{Replay, ReplayError};
pub use exchange::rewrite::session_cookie;
pub use meter::{Latency, Outcomes, Traffic};
pub use net::admission::Connections;
pub use net::lag::LagProbe;
pub use net::limited::Limit;
pub use proxy::Proxy;
pub use replayer::Replayer;
pub use serve::mode::MODES;
pub use serve::mode::listener_text::InvalidListener;
pub use serve::mode::parse::InvalidMode;
pub use serve::mode::spec::ModeSpec;
