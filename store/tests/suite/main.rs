//! The store from outside, over real databases.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod access;
mod aggregates;
mod aggregates_property;
mod archive;
mod arrivals;
mod backfill;
mod checkpoint;
mod contents;
mod discards;
mod fairness;
mod faults;
mod filter;
mod filter_property;
mod head_templates;
mod history;
mod kept;
mod kept_until;
mod legacy_schema;
mod lifecycle;
mod long_searches;
mod maintenance;
mod migrations;
mod notes;
mod packs;
mod pins;
mod presets;
mod replaced_file;
mod retention;
mod rewrites;
mod round_trip;
mod samples;
mod schema_doc;
mod seals;
mod segments;
mod shrinking;
mod sorted;
mod sql;
mod strange;
mod streams;
mod unopened;
mod upstreams;
mod wiped;
