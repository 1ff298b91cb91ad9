//! Filters that callers send.

use dashcam_filter::{Context, Filter};
use jiff::Zoned;

use crate::app::App;
use crate::error::ApiError;

/// The filter that a caller sent, with the presets that it names; every exchange matches if there is none.
pub(crate) async fn read(app: &App, text: Option<&str>) -> Result<Filter, ApiError> {
    let Some(text) = text else { return Ok(Filter::default()) };
    let (now, presets) = (Zoned::now(), app.presets().await?);
    Ok(Filter::parse(text, &Context { now: &now, presets: &presets })?)
}
