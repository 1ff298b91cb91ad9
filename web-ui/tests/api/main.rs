//! The API over real listeners, with a real store.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod bodies;
mod exports;
mod guarded;
mod instance;
mod lists;
mod live;
mod pins;
mod replays;
mod settings;
mod streams;
mod upstreams;
