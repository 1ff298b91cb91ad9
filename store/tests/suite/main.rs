//! The store from outside, over real databases.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod anew;
mod archive;
mod checkpoint;
mod fairness;
mod faults;
mod filter;
mod kept;
mod lifecycle;
mod maintenance;
mod migrations;
mod older;
mod packs;
mod pins;
mod retention;
mod round_trip;
mod samples;
mod schema_doc;
mod strange;
mod streams;
mod unopened;
mod upstreams;
mod wiped;
