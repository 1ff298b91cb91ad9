//! Filters that callers send.

use std::collections::BTreeMap;

use dashcam_filter::{Context, Filter};
use jiff::Zoned;

use crate::error::ApiError;

/// The filter that a caller sent; every exchange matches if there is none.
pub(crate) fn read(text: Option<&str>) -> Result<Filter, ApiError> {
    let (now, presets) = (Zoned::now(), BTreeMap::new());
    Ok(Filter::parse(text.unwrap_or_default(), &Context { now: &now, presets: &presets })?)
}
