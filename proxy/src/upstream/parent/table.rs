//! All parents, and which connection goes through which.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_exchange::{Destination, RequestHead, Scheme};

use crate::config::{Config, Credential, HostPattern, Mode, Parent, ParentChoice, ParentProtocol};
use crate::h1::encode::ProxyForm;
use crate::h2::extended_connect;
use crate::http::hop_by_hop::upgrade;
use crate::upstream::key::{Key, ParentId, Protocol, Via};

/// All parents that traffic may go through, and which takes which.
pub(crate) struct Parents {
    /// Each once; `ParentId` is the place in it.
    all: Vec<KnownParent>,
    rules: Vec<Rule>,
    no_proxy: Vec<HostPattern>,
    /// For replays of what no reverse listener takes.
    of_replays: Option<ParentId>,
}

/// A parent, and how we show who we are.
pub(in crate::upstream) struct KnownParent {
    pub(in crate::upstream) parent: Parent,
    /// The URL's user, or else the one that is configured for all.
    pub(super) credential: Option<Credential>,
    /// The value of `Proxy-Authorization` (RFC 7617 §2).
    pub(super) authorization: Option<String>,
}

struct Rule {
    hosts: Option<HostPattern>,
    way: Way,
}

enum Way {
    Direct,
    Parent(ParentId),
    /// As the environment says: without a parent where its exceptions say so.
    Environment(Box<crate::config::EnvironmentProxies>),
}

impl Parents {
    pub(crate) fn new(config: &Config) -> Self {
        let outbound = &config.outbound;
        let mut parents = Self {
            all: Vec::new(),
            rules: Vec::new(),
            no_proxy: outbound.no_proxy.clone(),
            of_replays: None,
        };
        for rule in &outbound.parents {
            let way = match &rule.via {
                ParentChoice::Direct => Way::Direct,
                ParentChoice::Parent(parent) => {
                    Way::Parent(parents.add(parent, outbound.credential.as_ref()))
                }
                ParentChoice::Environment => {
                    for parent in outbound.environment.parents() {
                        parents.add(parent, outbound.credential.as_ref());
                    }
                    Way::Environment(Box::new(outbound.environment.clone()))
                }
            };
            parents.rules.push(Rule { hosts: rule.hosts.clone(), way });
        }
        for parent in config.listeners.iter().filter_map(|listener| listener.mode.parent.as_ref()) {
            let id = parents.add(parent, outbound.credential.as_ref());
            parents.of_replays.get_or_insert(id);
        }
        parents
    }

    fn add(&mut self, parent: &Parent, otherwise: Option<&Credential>) -> ParentId {
        if let Some(id) = self.id(parent) {
            return id;
        }
        let credential = parent.credential.as_ref().or(otherwise).cloned();
        let authorization = credential
            .as_ref()
            .and_then(Credential::plain)
            .map(|(user, password)| format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))));
        self.all.push(KnownParent { parent: parent.clone(), credential, authorization });
        ParentId(self.all.len() - 1)
    }

    fn id(&self, parent: &Parent) -> Option<ParentId> {
        self.all.iter().position(|known| known.parent == *parent).map(ParentId)
    }

    /// The parent of a listener in `mode`.
    pub(crate) fn of_listener(&self, mode: &Mode) -> Option<ParentId> {
        mode.parent.as_ref().and_then(|parent| self.id(parent))
    }

    /// The parent for replays, in the place of a listener's: the first that a listener has.
    pub(crate) fn of_replays(&self) -> Option<ParentId> {
        self.of_replays
    }

    pub(in crate::upstream) fn parent(&self, id: ParentId) -> &KnownParent {
        &self.all[id.0]
    }

    /// The first parent that is written as one of the addresses that `is_ours` knows: everything would go round for ever.
    pub(crate) fn own(&self, is_ours: impl Fn(SocketAddr) -> bool) -> Option<&Parent> {
        let is_own = |parent: &&Parent| {
            let ips = match parent.host.parse::<IpAddr>() {
                Ok(ip) => vec![ip],
                Err(_) if parent.host == "localhost" => {
                    vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
                }
                Err(_) => Vec::new(),
            };
            ips.into_iter().any(|ip| is_ours(SocketAddr::new(ip, parent.port)))
        };
        self.all.iter().map(|known| &known.parent).find(is_own)
    }

    /// The way of a tunnel, or of TLS, to `destination` for a client of a listener that has the parent `of_listener`.
    pub(crate) fn tunnel(&self, of_listener: Option<ParentId>, destination: &Destination) -> Via {
        self.choose(of_listener, destination).map_or(Via::Direct, Via::Tunnel)
    }

    /// The way of the request `head`, as it is sent to `destination` over `protocol`. In clear text an HTTP parent gets it as
    /// one for itself, as proxies expect; but not where that would change it: a parent passes no upgrade on, and makes
    /// `Host` what the target says (RFC 9112 §3.2.2).
    pub(crate) fn request(
        &self,
        of_listener: Option<ParentId>,
        (destination, protocol): (&Destination, Protocol),
        head: &RequestHead,
    ) -> Via {
        let Some(id) = self.choose(of_listener, destination) else { return Via::Direct };
        let names_destination = || {
            let host = head.headers.text("host").map(|host| Destination::parse(destination.scheme, host));
            host.is_some_and(|host| host.as_ref() == Ok(destination))
        };
        let is_plain = self.parent(id).parent.protocol.is_http()
            && destination.scheme == Scheme::Http
            && protocol == Protocol::Http1
            && upgrade(head).is_none()
            && extended_connect::protocol(head).is_none()
            && names_destination();
        if is_plain { Via::Requests(id) } else { Via::Tunnel(id) }
    }

    fn choose(&self, of_listener: Option<ParentId>, destination: &Destination) -> Option<ParentId> {
        if self.all.is_empty() || self.no_proxy.iter().any(|hosts| hosts.matches(destination)) {
            return None;
        }
        let named = |rule: &&Rule| rule.hosts.as_ref().is_some_and(|hosts| hosts.matches(destination));
        if let Some(rule) = self.rules.iter().find(named) {
            return self.by(rule, destination);
        }
        let other = || self.rules.iter().find(|rule| rule.hosts.is_none());
        of_listener.or_else(|| other().and_then(|rule| self.by(rule, destination)))
    }

    fn by(&self, rule: &Rule, destination: &Destination) -> Option<ParentId> {
        match &rule.way {
            Way::Direct => None,
            Way::Parent(id) => Some(*id),
            Way::Environment(proxies) => proxies.choose(destination).and_then(|parent| self.id(parent)),
        }
    }

    /// How requests over connections like `key` are written, where that is as for a proxy.
    pub(in crate::upstream) fn form<'a>(&'a self, key: &'a Key) -> Option<ProxyForm<'a>> {
        let Via::Requests(id) = key.via else { return None };
        let authorization = self.parent(id).authorization.as_deref();
        Some(ProxyForm { destination: &key.destination, authorization })
    }

    /// The parent that `via` leads through, as text.
    pub(in crate::upstream) fn shown(&self, via: Via) -> Option<String> {
        via.parent().map(|id| self.parent(id).parent.to_string())
    }
}

impl KnownParent {
    pub(super) fn protocol(&self) -> ParentProtocol {
        self.parent.protocol
    }
}
