//! Access to the listeners: by whom, and for what.

mod credential;
mod network;
mod ports;

pub use credential::{Credential, InvalidCredential};
pub use network::{InvalidNetwork, Network};
pub use ports::{InvalidPorts, Ports};

pub(crate) use credential::Password;

/// Access to the listeners: by whom, and for what.
#[derive(Debug, Clone, Default)]
pub struct AccessConfig {
    /// Credentials, one of which clients of forward listeners must show; if there are none, clients need
    /// none.
    pub credentials: Vec<Credential>,
    /// The clients that are let in. `None`: all by reverse listeners and by those on loopback; by forward listeners
    /// beyond it, those of private networks and of this machine.
    pub clients: Option<Vec<Network>>,
    /// The ports that a CONNECT may name. `None`: all for clients on this machine; for others 80, 443, and those from 1024 on.
    pub connect_ports: Option<Ports>,
    /// True if destinations in private networks and on this machine are refused, but for reverse listeners'
    /// upstreams.
    pub deny_private: bool,
    /// The clients of reverse listeners that are believed whom they ask for.
    pub trust_forwarded: Vec<Network>,
}
