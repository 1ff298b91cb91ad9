//! The proxy's config: fixed at start.

mod access;
mod client_certificate;
mod listener;
mod mode;
mod outbound;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use dashcam_programs::Arguments;

pub(crate) use access::Password;
pub use access::{AccessConfig, Credential, InvalidCredential, InvalidNetwork, InvalidPorts, Network, Ports};
pub use client_certificate::{ClientCertificate, Hosts, InvalidClientCertificate};
pub use listener::{ListenerConfig, ProxyProtocol};
pub use mode::Mode;
pub(crate) use outbound::ParentProtocol;
pub use outbound::{
    EnvironmentProxies, HostPattern, InvalidHostPattern, InvalidParent, InvalidParentRule, InvalidResolve,
    InvalidSendProxy, OutboundConfig, Parent, ParentChoice, ParentRule, ProxyVersion, Resolve, SendProxy,
};

/// Everything that is fixed when the proxy starts.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Where to listen, and for what.
    pub listeners: Vec<ListenerConfig>,
    /// Access to the listeners: by whom, and for what.
    pub access: AccessConfig,
    /// How upstreams are verified, and what they are shown.
    pub tls: UpstreamTls,
    /// How connections to upstreams leave.
    pub outbound: OutboundConfig,
    /// Reverse mode: pass the client's `Host` on instead of the upstream's.
    pub keep_host: bool,
    /// Reverse mode: the certificate chain and key (PEM) to show instead of issuing one.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// Reverse mode: the roots (PEM) of which clients must have a certificate.
    pub client_ca: Option<PathBuf>,
    /// How long each stage may take.
    pub timeouts: Timeouts,
    /// Bounds of messages.
    pub limits: Limits,
    /// Destinations (`HOST:PORT`) that are tunnelled unread: regular expressions.
    pub ignore_hosts: Vec<String>,
    /// If there are any: only destinations that match one are decrypted.
    pub allow_hosts: Vec<String>,
    /// Connections at the same time; more are refused.
    pub connections: ConnectionLimits,
    /// Threads that carry traffic; 0: the runtime that runs the proxy does.
    pub workers: usize,
    /// Threads of each of those that may wait for look-ups of names; `None`: as many as it takes.
    pub waiting_threads: Option<usize>,
    /// How much is recorded of the programs on this machine that connect; `None`: nothing.
    pub programs: Option<Arguments>,
    /// True if clients that name `dashcam.test` to their proxy get the site that dashcam itself is.
    pub setup_site: bool,
    /// The page's addresses: requests to them are refused.
    pub own_addresses: Vec<SocketAddr>,
}

/// How upstreams are verified, and what they are shown.
#[derive(Debug, Clone, Default)]
pub struct UpstreamTls {
    /// Not at all.
    pub insecure: bool,
    /// Roots (PEM) to trust besides the system's.
    pub extra_roots: Vec<PathBuf>,
    /// Certificates for upstreams that ask for one.
    pub client_certificates: Vec<ClientCertificate>,
}

/// Bounds of messages; those beyond a bound are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a head, on either side; in HTTP/2 the size of its field list (RFC 9113 §6.5.2).
    pub head: usize,
    /// Fields of an HTTP/1 head.
    pub fields: usize,
    /// Requests that an HTTP/2 client may have under way on one connection.
    pub h2_streams: u32,
    /// Bytes in transit that all connections together may hold, beyond a few KiB each.
    pub transit: usize,
    /// Bytes a second that a request's body of announced length must come with, once `Timeouts::body_grace` is over; 0:
    /// as slowly as it likes.
    pub body_rate: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: 128 << 10, fields: 4096, h2_streams: 128, transit: 256 << 20, body_rate: 500 }
    }
}

/// Connections that may be open at the same time. 0 is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Those of clients.
    pub clients: usize,
    /// Those of clients from one source address.
    pub clients_of_address: usize,
    /// Those to upstreams: in use, kept, or being opened.
    pub upstreams: usize,
    /// Those to upstreams for the requests of one source address.
    pub upstreams_of_address: usize,
}

/// How long each stage may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// A tunnel's first bytes; then the server is taken to speak first.
    pub detect: Duration,
    /// A TLS handshake, on either side.
    pub tls_handshake: Duration,
    /// A client that does not like our certificate, and closes without a word after the handshake: a round trip, and the
    /// time that it takes to look. One that opened a connection to have it at hand keeps it for longer.
    pub silent_refusal: Duration,
    /// A request's head, from its first byte to its last.
    pub request_head: Duration,
    /// The header of the PROXY protocol, where a listener requires one.
    pub proxy_header: Duration,
    /// Resolving a name and opening the connection.
    pub connect: Duration,
    /// A parent proxy that is asked for a connection, until it has it or says that there is none.
    pub parent: Duration,
    /// A response's head, once the client has sent its whole request; `None`: as long as it takes.
    pub response_head: Option<Duration>,
    /// The same for requests whose responses may be silent streams: gRPC, event streams, and what switches protocols.
    pub response_head_of_streams: Option<Duration>,
    /// The next piece of a body of announced length, either way; `None`: as long as it takes.
    pub body: Option<Duration>,
    /// The same for bodies of which nobody knows the length: they may be silent streams.
    pub body_of_streams: Option<Duration>,
    /// How long a client may be slow with a body, in all, before `Limits::body_rate` counts.
    pub body_grace: Duration,
    /// A peer that is written to and takes no byte.
    pub write: Duration,
    /// The same for a client that holds more than its share of `Limits::transit`.
    pub write_over_share: Duration,
    /// A tunnel or an upgraded connection on which nothing moves; `None`: as long as both sides keep it.
    pub tunnel_idle: Option<Duration>,
    /// A client that has closed its sending half and gets nothing: it may be gone.
    pub half_closed: Duration,
    /// A kept connection without a request.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            detect: Duration::from_secs(2),
            tls_handshake: Duration::from_secs(10),
            silent_refusal: Duration::from_millis(500),
            request_head: Duration::from_secs(30),
            proxy_header: Duration::from_secs(5),
            connect: Duration::from_secs(10),
            parent: Duration::from_secs(30),
            response_head: Some(Duration::from_secs(3600)),
            response_head_of_streams: None,
            body: Some(Duration::from_secs(600)),
            body_of_streams: None,
            body_grace: Duration::from_secs(60),
            write: Duration::from_secs(300),
            write_over_share: Duration::from_secs(30),
            tunnel_idle: None,
            half_closed: Duration::from_secs(30),
            idle: Duration::from_secs(75),
        }
    }
}
