//! Functions that the fuzz targets (`fuzz/`) run, and that `cargo test` runs on their seeds and on what they
//! have found: each takes any bytes at all, and panics if something that must always hold does not.
//!
//! Built only for tests and with `--cfg fuzzing`. [`detect`] and [`websocket`] are pure. [`requests`],
//! [`h2_requests`] and [`responses`] go through the whole service, over streams in memory and with a clock that stands still while
//! anything can happen, between a client and an origin that read what they get with a parser of their own.

mod client;
mod cuts;
mod detect;
mod frames;
mod h2_client;
mod h2_requests;
mod model;
#[cfg(test)]
mod mutate;
mod origin;
mod requests;
mod responses;
#[cfg(test)]
mod seeds;
mod websocket;
mod world;

pub use detect::detect;
pub use h2_requests::h2_requests;
pub use requests::requests;
pub use responses::responses;
pub use websocket::websocket;
