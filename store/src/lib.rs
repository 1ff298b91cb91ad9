//! The recording on disk: the only crate that knows SQL.
