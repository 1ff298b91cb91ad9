//! Facts of a client's connection, as rules ask for them.

use dashcam_exchange::{ConnectionId, Program, TlsFacts};
use dashcam_filter::{Client, Facts, Parts};

/// Facts of a client's connection that do not change while its exchanges come: made once a connection, and shared with
/// exchanges about which is not decided yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientFacts {
    /// The connection's number.
    pub connection: Option<ConnectionId>,
    /// The client's `ADDRESS:PORT`.
    pub address: String,
    /// The mode of its listener, as the record has it.
    pub mode: String,
    /// The name of that listener.
    pub listener: Option<String>,
    /// TLS with the client, once its handshake is done.
    pub tls: Option<TlsFacts>,
}

impl ClientFacts {
    /// Notes how TLS with the client was agreed on; filters don't ask for the certificates.
    pub fn set_tls(&mut self, facts: &TlsFacts) {
        let TlsFacts { version, cipher, sni, alpn, .. } = facts.clone();
        self.tls = Some(TlsFacts { version, cipher, sni, alpn, certificates: Vec::new() });
    }

    /// The same for filters.
    pub(crate) fn client<'a>(
        &'a self,
        program: Option<&'a Program>,
        asked_name: Option<&'a str>,
    ) -> Client<'a> {
        Client {
            address: &self.address,
            mode: &self.mode,
            listener: self.listener.as_deref(),
            program: program.map(|program| program.name.as_str()),
            pid: program.map(|program| program.pid),
            tls: self.tls.as_ref(),
            asked_name,
        }
    }
}

/// Adds the client to `facts`. Until all is known, its program may still come.
pub(crate) fn add_client<'a>(facts: &mut Facts<'a>, client: Option<Client<'a>>, is_all: bool) {
    facts.client = client;
    facts.program = client.and_then(|client| client.program);
    if is_all || client.is_some() {
        facts.known |= Parts::CONNECTION;
    }
    if is_all || facts.program.is_some() {
        facts.known |= Parts::PROGRAM;
    }
}
