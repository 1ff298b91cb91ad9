//! The authority from outside: its root, its leaves, its keys, and who trusts them.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod constrained;
mod handshake;
mod keys;
mod leaf;
mod root;
