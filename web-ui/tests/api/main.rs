//! The API over real listeners, with a real store.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod access;
mod audit;
mod bodies;
mod body_messages;
mod descriptors;
mod dictionaries;
mod exports;
mod figures;
mod filters;
mod guarded;
mod instance;
mod limits;
mod lists;
mod live;
mod notes;
mod pins;
mod replays;
mod roles;
mod rows;
mod rules;
mod selection;
mod settings;
mod streams;
mod tokens;
mod unseals;
mod upstreams;
mod views;
mod waiting;
