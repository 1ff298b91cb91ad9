//! `[flight]`: the flight recorder.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::{duration, parsed};
use crate::flight::{AfterTime, RingSize};

/// The flight recorder.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Flight {
    #[serde(deserialize_with = "parsed")]
    pub(crate) ring: Option<RingSize>,
    pub(crate) file: Option<PathBuf>,
    pub(crate) on: Option<Vec<String>>,
    pub(crate) slow: Option<String>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) after: Option<AfterTime>,
    #[serde(deserialize_with = "duration")]
    pub(crate) cooldown: Option<Duration>,
    pub(crate) keep: Option<usize>,
}
