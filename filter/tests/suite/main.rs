//! The language from outside.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod completes;
mod documented;
mod errors;
mod evaluates;
mod explained;
mod mitmproxy;
mod properties;
mod reads;
mod world;
