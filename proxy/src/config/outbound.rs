//! The ways out: by which proxies, to which addresses, and what upstreams are told of the client.

mod environment;
mod host_pattern;
mod parent;
mod parent_rule;
mod resolve;
mod send_proxy;

pub use environment::EnvironmentProxies;
pub use host_pattern::{HostPattern, InvalidHostPattern};
pub(crate) use parent::ParentProtocol;
pub use parent::{InvalidParent, Parent};
pub use parent_rule::{InvalidParentRule, ParentChoice, ParentRule};
pub use resolve::{InvalidResolve, Resolve};
pub use send_proxy::{InvalidSendProxy, ProxyVersion, SendProxy};

use crate::config::access::Credential;

/// How connections leave.
#[derive(Debug, Clone, Default)]
pub struct OutboundConfig {
    /// Which destinations are reached through which parent proxy. Of the rules that name hosts the first that fits counts;
    /// then a listener's own parent; then the first rule that names none.
    pub parents: Vec<ParentRule>,
    /// Destinations that are reached without a parent, whatever the rules say.
    pub no_proxy: Vec<HostPattern>,
    /// The parents that the environment names, for the rules that leave it to that.
    pub environment: EnvironmentProxies,
    /// Name and password for parents whose URL has none.
    pub credential: Option<Credential>,
    /// Addresses of names, which are not looked up then.
    pub resolve: Vec<Resolve>,
    /// Which reverse listeners' upstreams are told the client's address in a PROXY header; the first that fits counts.
    pub send_proxy: Vec<SendProxy>,
}
