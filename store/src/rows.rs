//! Rows in and out: the columns of each table, once.

pub(crate) mod arrivals;
pub(crate) mod audit;
pub(crate) mod backfills;
pub(crate) mod body_key;
pub(crate) mod columns;
pub(crate) mod connection_row;
pub(crate) mod deletion;
pub(crate) mod deletions;
pub(crate) mod exchange_detail;
mod exchange_parts;
pub(crate) mod exchange_row;
pub(crate) mod exchange_summary;
pub(crate) mod expiries;
pub(crate) mod headers_json;
pub(crate) mod heads;
pub(crate) mod interned;
pub(crate) mod interruption;
pub(crate) mod leases;
pub(crate) mod message_data;
pub(crate) mod notes;
pub(crate) mod pack;
pub(crate) mod payload_rows;
pub(crate) mod pins;
pub(crate) mod presets;
pub(crate) mod recorded;
pub(crate) mod runs;
#[cfg(test)]
mod schema_tests;
pub(crate) mod seals;
pub(crate) mod segment;
pub(crate) mod settings;
pub(crate) mod snapshots;
pub(crate) mod table;
pub(crate) mod tokens;
pub(crate) mod upstream_connection_row;
pub(crate) mod values;
