//! State that all listeners share.

use std::sync::Arc;

use crate::context::Context;
use crate::exchange::service::Service;
use crate::serve::access::Access;
use crate::serve::setup_site::SetupSite;
use crate::serve::shedding::Shedding;
use crate::serve::tls::ServerTls;
use crate::serve::verdict::Rules;

/// State that serving a client's connection takes, besides the connection.
pub(crate) struct Server {
    pub(crate) context: Arc<Context>,
    pub(crate) service: Arc<Service>,
    pub(crate) access: Access,
    pub(crate) rules: Rules,
    pub(crate) tls: ServerTls,
    pub(crate) setup_site: SetupSite,
    pub(crate) shedding: Shedding,
}
