//! Filters on the command line.

use anyhow::Result;
use dashcam_filter::{Context, Filter};
use dashcam_store::Reader;
use jiff::Zoned;

/// The filter that the arguments make together, with the presets of the recording.
pub(crate) async fn read(reader: &Reader, words: &[String]) -> Result<Filter> {
    let kept = if words.is_empty() { Vec::new() } else { reader.presets().await? };
    let presets = kept.into_iter().map(|preset| (preset.name, preset.filter)).collect();
    let context = Context { now: &Zoned::now(), presets: &presets };
    Ok(Filter::parse(&words.join(" "), &context)?)
}
