//! How connections to upstreams leave.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The way out for some destinations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParentRule {
    /// The hosts, as on the command line; null for all that no other rule and no listener decides about.
    #[schema(required)]
    pub r#match: Option<String>,
    /// A parent proxy's URL without user and password, `env` or `direct`.
    pub via: String,
}

/// The ways out, as they were configured. Listeners have theirs in their mode.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Outbound {
    /// The rules about parent proxies, in their order.
    pub parents: Vec<ParentRule>,
    /// Hosts that are reached without a parent.
    pub no_proxy: Vec<String>,
    /// Addresses that names were given: `HOST:PORT:ADDRESS,ADDRESS`.
    pub resolve: Vec<String>,
    /// Upstreams that get a PROXY header, with its version.
    pub send_proxy: Vec<String>,
}
