//! The one path of every request, whatever protocol it came in: [`service`] records, rewrites, sends, and passes the
//! answer on.

pub(crate) mod guaranteed;
pub(crate) mod message;
pub(crate) mod observed;
pub(crate) mod replay;
pub(crate) mod respond;
pub(crate) mod rewrite;
pub(crate) mod route;
pub(crate) mod service;
