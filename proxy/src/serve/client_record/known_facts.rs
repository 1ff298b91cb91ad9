//! Facts of a client's connection by which is decided about it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use dashcam_control::{ClientFacts, ConnectionFacts};
use dashcam_exchange::{Connection, Destination, Program, Scheme};

use crate::config::ListenerConfig;

/// The facts that are known so far.
pub(super) struct KnownFacts {
    /// Name of its listener's mode.
    pub(super) mode: &'static str,
    pub(super) client: SocketAddr,
    /// Our own address that it came to.
    pub(super) entrance: Option<SocketAddr>,
    /// Where it goes, once that is known.
    pub(super) destination: Option<Destination>,
    /// The name that the client's TLS asks for, if that is not the destination's host.
    pub(super) sni: Option<String>,
    /// The destination by that name, if it is an address.
    named: Option<Destination>,
    /// The name that the client's TLS asks for, whatever it is.
    asked_name: Option<String>,
    /// A digest of the shape of the client's hello.
    pub(super) hello: Option<u64>,
    /// The same as rules ask for it.
    pub(super) described: Arc<ClientFacts>,
    /// Its program, if a rule asks for that and it is known.
    pub(super) program: Option<Program>,
    first: First,
}

/// Facts of a tunnel's destination that its first bytes have settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    /// Nothing yet: its scheme is not certain, and if it is an address, neither is its name.
    Open,
    /// Its scheme. If it is an address, each request may name it.
    Scheme,
    /// All: this is its scheme, and its name, if it has one.
    Settled,
}

impl KnownFacts {
    pub(super) fn new(client: SocketAddr, listener: &ListenerConfig, connection: &Connection) -> Self {
        let described = ClientFacts {
            connection: Some(connection.id),
            address: connection.client.clone(),
            mode: connection.mode.clone(),
            listener: connection.listener.clone(),
            tls: None,
        };
        Self {
            mode: listener.mode.name(),
            client,
            entrance: None,
            destination: None,
            sni: None,
            named: None,
            asked_name: None,
            hello: None,
            described: Arc::new(described),
            program: None,
            // A reverse listener's upstream is what it is called.
            first: if listener.mode.upstream.is_some() { First::Settled } else { First::Open },
        }
    }

    pub(super) fn set_destination(&mut self, destination: &Destination) {
        self.destination = Some(destination.clone());
        self.named = None;
    }

    /// Notes the name that the client's TLS asks for, or that it asks for none.
    pub(super) fn set_name(&mut self, name: Option<&str>) {
        let destination = self.destination.as_ref();
        let host = destination.map(|destination| destination.host.as_str());
        self.sni = name.filter(|name| Some(*name) != host).map(str::to_owned);
        self.asked_name = name.map(str::to_owned);
        if self.first != First::Settled {
            self.first = First::Settled;
            let address = destination.filter(|destination| destination.ip().is_some());
            let name = self.sni.clone().filter(|name| name.parse::<IpAddr>().is_err());
            self.named = address.zip(name).map(|(address, host)| Destination {
                host,
                scheme: address.scheme,
                port: address.port,
            });
        }
    }

    /// Notes that there is HTTP without TLS in a tunnel.
    pub(super) fn set_plain(&mut self) {
        if let Some(destination) = &mut self.destination {
            destination.scheme = Scheme::Http;
        }
        self.first = First::Scheme;
    }

    pub(super) fn facts(&self) -> ConnectionFacts<'_> {
        let is_address = || self.destination.as_ref().is_some_and(|destination| destination.ip().is_some());
        ConnectionFacts {
            mode: Some(self.mode),
            listener: self.entrance,
            client: Some(self.client),
            destination: self.named.as_ref().or(self.destination.as_ref()),
            sni: self.sni.as_deref(),
            hello: self.hello,
            described: Some(&self.described),
            asked_name: self.asked_name.as_deref(),
            program: self.program.as_ref(),
            is_unnamed: self.first != First::Settled && is_address(),
            is_scheme_open: self.first == First::Open,
            narrowed: None,
        }
    }
}
