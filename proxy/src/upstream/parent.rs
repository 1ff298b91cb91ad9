//! Parent proxies: which of them a connection goes through, and how they are asked.
//!
//! In reading order: `table` chooses; `open` connects and asks for a `target`, over TLS or not, with CONNECT (`http`) or in
//! SOCKS5 (`socks5`); `refusal` says why a parent did not do it.

mod http;
pub(super) mod open;
pub(super) mod refusal;
mod socks5;
pub(super) mod table;
mod target;

#[cfg(test)]
mod tests;
