//! What all listeners share.

use std::sync::Arc;

use crate::access::Access;
use crate::context::Context;
use crate::decide::Rules;
use crate::exchange_service::Service;
use crate::shedding::Shedding;
use crate::tls::ServerTls;

/// What serving a client's connection takes, besides the connection.
pub(crate) struct Server {
    pub(crate) context: Arc<Context>,
    pub(crate) service: Arc<Service>,
    pub(crate) access: Access,
    pub(crate) rules: Rules,
    pub(crate) tls: ServerTls,
    pub(crate) shedding: Shedding,
}
