//! HTTP/2 with clients: [`server`] accepts a connection's streams, [`stream`] answers one of them if [`rules`] let it.

pub(crate) mod rules;
pub(crate) mod server;
pub(crate) mod stream;
#[cfg(test)]
mod tests;
