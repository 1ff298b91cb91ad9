//! Filters on the command line.

use std::collections::BTreeMap;

use anyhow::Result;
use dashcam_filter::{Context, Explanation, Filter, explain};
use dashcam_store::Reader;
use jiff::Zoned;

/// The filter that the arguments make together, with the presets of the recording.
pub(crate) async fn read(reader: &Reader, words: &[String]) -> Result<Filter> {
    let presets = presets(reader, words).await?;
    let context = Context { now: &Zoned::now(), presets: &presets };
    Ok(Filter::parse(&words.join(" "), &context)?)
}

/// The same filter in words.
pub(crate) async fn explained(reader: &Reader, words: &[String]) -> Result<Explanation> {
    let presets = presets(reader, words).await?;
    let context = Context { now: &Zoned::now(), presets: &presets };
    Ok(explain(&words.join(" "), &context)?)
}

async fn presets(reader: &Reader, words: &[String]) -> Result<BTreeMap<String, String>> {
    let kept = if words.is_empty() { Vec::new() } else { reader.presets().await? };
    Ok(kept.into_iter().map(|preset| (preset.name, preset.filter)).collect())
}
