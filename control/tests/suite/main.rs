//! Rules at the crate's boundary: which one decides about an exchange, when, and what is captured until then.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod connections;
mod explained;
mod followed;
mod leases;
mod model;
mod moments;
mod samples;
mod steps;
mod world;
