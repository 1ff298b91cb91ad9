//! The world that the tests' filters are read in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use dashcam_filter::{Context, Filter, FilterError};
use jiff::Zoned;

/// Noon, an hour east of Greenwich.
pub(crate) static NOW: LazyLock<Zoned> =
    LazyLock::new(|| "2026-11-28T12:00:00+01:00[+01:00]".parse().unwrap());

/// Presets, some of which are not what they should be.
pub(crate) static PRESETS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let presets = [
        ("errors", "status:>=500 | is:error"),
        ("my errors", "preset:errors host:api.*"),
        ("one", "preset:two"),
        ("two", "x preset:one"),
        ("wrong", "staus:5"),
    ];
    presets.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
});

/// Reads a filter.
pub(crate) fn read(text: &str) -> Result<Filter, FilterError> {
    Filter::parse(text, &Context { now: &NOW, presets: &PRESETS })
}
