//! `[flight]`: the flight recorder.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use dashcam_filter::Context;
use dashcam_flight::{InvalidTrigger, Triggers};
use serde::{Deserialize, Deserializer, de};

use super::{duration, parsed};
use crate::flight::{AfterTime, RingSize};

/// The flight recorder.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Flight {
    #[serde(deserialize_with = "parsed")]
    pub(crate) ring: Option<RingSize>,
    pub(crate) file: Option<PathBuf>,
    #[serde(deserialize_with = "on")]
    pub(crate) on: Option<Vec<String>>,
    #[serde(deserialize_with = "slow")]
    pub(crate) slow: Option<String>,
    #[serde(deserialize_with = "parsed")]
    pub(crate) after: Option<AfterTime>,
    #[serde(deserialize_with = "duration")]
    pub(crate) cooldown: Option<Duration>,
    pub(crate) keep: Option<usize>,
}

/// A filter that can set off a snapshot: checked here, so that a fault is found in its line.
struct On(String);

impl<'de> Deserialize<'de> for On {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        check(std::slice::from_ref(&text), None).map_err(de::Error::custom)?;
        Ok(Self(text))
    }
}

fn on<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let filters = Vec::<On>::deserialize(deserializer)?;
    Ok(Some(filters.into_iter().map(|On(text)| text).collect()))
}

fn slow<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    check(&[], Some(&text)).map_err(de::Error::custom)?;
    Ok(Some(text))
}

fn check(on: &[String], slow: Option<&str>) -> Result<(), InvalidTrigger> {
    let context = Context { now: &jiff::Zoned::now(), presets: &BTreeMap::new() };
    Triggers::new(on, slow, &context).map(drop)
}
