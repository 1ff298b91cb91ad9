//! Access to the listeners: asked when a connection is accepted, and when a request of a forward client
//! is read.

mod authentication;
mod clients;
mod password;
mod refused;

use std::net::IpAddr;

use dashcam_exchange::{Failure, Side, Stage};

use crate::config::{AccessConfig, Ports};

pub(crate) use authentication::Authentication;
pub(crate) use clients::{Arrival, is_private};
pub(crate) use refused::RefusedClients;

/// The configured rules of access, made ready.
pub(crate) struct Access {
    /// Verifies forward clients, if they must show anything.
    pub(crate) authentication: Option<Authentication>,
    /// Those that were not let in.
    pub(crate) refused: RefusedClients,
    config: AccessConfig,
}

impl Access {
    pub(crate) fn new(config: &AccessConfig) -> Self {
        Self {
            authentication: Authentication::new(&config.credentials),
            refused: RefusedClients::default(),
            config: config.clone(),
        }
    }

    /// Returns whether `client` is believed when it says for whom it asks.
    pub(crate) fn trusts(&self, client: IpAddr) -> bool {
        self.config.trust_forwarded.iter().any(|network| network.contains(client))
    }

    /// Why `client` may not CONNECT to `port`; `None` if it may. No client: none chose the port.
    pub(crate) fn denies_port(&self, client: Option<IpAddr>, port: u16) -> Option<Failure> {
        let is_own = client.is_none_or(|client| client.to_canonical().is_loopback());
        let allowed = match &self.config.connect_ports {
            Some(ports) => ports.contain(port),
            None => is_own || Ports::web_and_unprivileged().contain(port),
        };
        let message = format!(
            "This proxy does not connect to port {port} (--connect-ports). Its operator can add the port there."
        );
        (!allowed).then(|| Failure::new(Side::Proxy, Stage::RequestHead, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ports: Option<&str>, client: &str, port: u16, expect: bool) {
        let connect_ports = ports.map(|ports| ports.parse().unwrap());
        let access = Access::new(&AccessConfig { connect_ports, ..AccessConfig::default() });
        let denied = access.denies_port(client.parse().ok(), port);
        assert_eq!(denied.is_none(), expect, "{ports:?} {client} {port}");
    }

    #[test]
    fn ports() {
        check(None, "127.0.0.1", 25, true);
        check(None, "::ffff:127.0.0.1", 25, true);
        check(None, "192.168.0.2", 25, false);
        check(None, "192.168.0.2", 8443, true);
        check(Some("443"), "127.0.0.1", 8443, false);
        check(Some("443"), "192.168.0.2", 443, true);
        check(Some("all"), "192.168.0.2", 25, true);
    }
}
