//! State that requests need on their way to upstreams.

use std::sync::Arc;

use crate::context::Context;
use crate::upstream::dialer::Dialer;
use crate::upstream::parent::table::Parents;
use crate::upstream::pool::Pool;
use crate::upstream::ready::Ready;
use crate::upstream::resolve::Resolver;
use crate::upstream::tls::ClientTls;

/// The kept connections, and how to make new ones.
pub(crate) struct Upstreams {
    pub(crate) context: Arc<Context>,
    pub(crate) pool: Pool,
    pub(super) dialer: Dialer,
    pub(super) ready: Ready,
    pub(super) resolver: Resolver,
    pub(super) tls: ClientTls,
    pub(crate) parents: Parents,
}

impl Upstreams {
    /// None yet; connections are made by `dialer`.
    pub(crate) fn new(context: &Arc<Context>, tls: ClientTls, dialer: Dialer) -> Self {
        let resolver = Resolver::system(Arc::clone(&context.limited));
        Self {
            pool: Pool::new(context.config.workers),
            parents: Parents::new(&context.config),
            context: Arc::clone(context),
            dialer,
            ready: Ready::default(),
            resolver,
            tls,
        }
    }
}
