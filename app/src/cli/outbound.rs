//! Options about the ways out.

use clap::Args;
use dashcam_proxy::{HostPattern, Resolve, SendProxy};

/// How connections to upstreams leave.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub(crate) struct OutboundArgs {
    /// Go out through this proxy (http://, https://, socks5:// or socks5h://[USER:PASSWORD@]HOST[:PORT]), as HTTPS_PROXY
    /// and its like say (env), or without one (direct); with MATCH= only to these hosts (*.example.com, 10.0.0.0/8 ...).
    /// Can be repeated; the first MATCH that fits counts.
    // A text, as errors of the parser of the command line show a value with its password.
    #[arg(long, value_name = "[MATCH=]URL|env|direct")]
    pub(crate) upstream_proxy: Vec<String>,
    /// User and password for proxies whose URL has none, or @FILE with them.
    #[arg(long, value_name = "USER:PASSWORD|@FILE", env = "DASHCAM_UPSTREAM_AUTH", hide_env_values = true)]
    pub(crate) upstream_auth: Option<String>,
    /// Hosts that are reached without a proxy, whatever else is said: names (with those below), addresses, networks, or
    /// *, each with :PORT if need be, with commas between. Can be repeated.
    #[arg(long, value_name = "HOSTS", value_delimiter = ',')]
    pub(crate) no_proxy: Vec<HostPattern>,
    /// Connect to these addresses for HOST (* for any) and PORT, as curl does. Can be repeated.
    #[arg(long, value_name = "HOST:PORT:ADDRESS[,ADDRESS]...")]
    pub(crate) resolve: Vec<Resolve>,
    /// Tell the upstreams of reverse listeners (with HOST=, this one) the client's address in a PROXY header. Can be
    /// repeated; the first HOST that fits counts.
    #[arg(long, value_name = "[HOST=]v1|v2")]
    pub(crate) send_proxy: Vec<SendProxy>,
}
