//! The API over real listeners, with a real store.

mod bodies;
mod exports;
mod guarded;
mod instance;
mod lists;
mod live;
mod replays;
mod settings;
