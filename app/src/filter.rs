//! Filters on the command line.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use dashcam_filter::{Context, Filter};
use jiff::Zoned;

/// The filter that the arguments make together. An error shows the place under it.
pub(crate) fn read(words: &[String]) -> Result<Filter> {
    let (now, presets) = (Zoned::now(), BTreeMap::new());
    let context = Context { now: &now, presets: &presets };
    Filter::parse(&words.join(" "), &context).map_err(|error| anyhow!(error.render()))
}
