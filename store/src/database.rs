//! Connections to a recording, its schema, and its write-ahead log.

mod added_columns;
pub(crate) mod cache;
pub(crate) mod checkpoint;
pub(crate) mod connect;
pub(crate) mod distrust;
pub(crate) mod durability;
pub(crate) mod legacy_schema;
pub(crate) mod migrations;
pub(crate) mod options;
pub(crate) mod pacing;
pub(crate) mod pages;
pub(crate) mod readers;
pub(crate) mod reading;
pub(crate) mod schema;
pub(crate) mod upgrade;
pub(crate) mod version;
pub(crate) mod words;
