//! Levels on the command line.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use dashcam_exchange::Level;

/// Takes the name of a level; help lists them all.
pub(super) fn levels() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(Level::ALL.map(Level::as_str)).try_map(|name| name.parse::<Level>())
}
