//! `[budget]` in `config.toml`.

use std::time::Duration;

use dashcam_governor::{Budget as Parts, InvalidBudget};
use serde::{Deserialize, Deserializer, de};

use crate::bounds;

/// The cost that recording may have, and how soon it is held back.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Budget {
    #[serde(deserialize_with = "cpu")]
    pub(crate) cpu: Option<f64>,
    #[serde(deserialize_with = "memory")]
    pub(crate) memory: Option<u64>,
    #[serde(deserialize_with = "disk")]
    pub(crate) disk: Option<u64>,
    #[serde(deserialize_with = "p99")]
    pub(crate) p99: Option<Duration>,
    #[serde(deserialize_with = "super::duration")]
    pub(crate) look: Option<Duration>,
    pub(crate) down_after: Option<u32>,
    #[serde(deserialize_with = "super::duration")]
    pub(crate) up_after: Option<Duration>,
}

fn part<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: fn(&str) -> Result<T, InvalidBudget>,
) -> Result<Option<T>, D::Error> {
    read(&bounds::text(deserializer)?).map(Some).map_err(de::Error::custom)
}

fn cpu<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    part(deserializer, Parts::cpu)
}

fn memory<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    part(deserializer, Parts::memory)
}

fn disk<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    part(deserializer, Parts::disk)
}

fn p99<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    part(deserializer, Parts::p99)
}
