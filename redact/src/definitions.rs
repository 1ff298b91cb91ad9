//! Sets of rules as they are written in configuration.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::how::{How, On};

/// All that is configured about redaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Definitions {
    /// The set that is in force where a recording rule names none.
    pub set: Chosen,
    /// How long sealed secrets can be put back. Zero is the same as `no_seal`.
    #[serde(with = "time")]
    pub seal_for: Duration,
    /// Write pseudonyms where rules say `seal`.
    pub no_seal: bool,
    /// Bodies that can't be read, or whose tokens are too long to be looked at.
    pub too_large: TooLarge,
    /// Bodies' bytes that are looked at, decoded, each.
    pub body_limit: u64,
    /// Sets by name, beside "default", which is compiled in.
    pub sets: BTreeMap<String, SetDefinition>,
    /// Rules that come before those of every set.
    pub added: Vec<Rule>,
}

/// A set's name, or "off".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Chosen {
    /// No redaction.
    Off,
    /// The set of this name.
    Set(String),
}

/// The fate of what can't be looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TooLarge {
    /// It is not stored.
    #[default]
    Drop,
    /// It is stored as it passed.
    Keep,
}

/// One set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SetDefinition {
    /// The set that it adds to: "default" or another of these. Without it, the set has only its own rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Its rules, which come before those of `from`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Exceptions from its rules and those of `from`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<Keep>,
}

/// A kind of secrets to replace: one of the first seven says where they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// Values of headers of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Values of cookies of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// Values of parameters of this name in URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Values of fields of this name in forms, `multipart/form-data` among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Values at this path in JSON: `$.user.password`, `$..card`, `$.items[*].token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// Texts that match; only the first group where the expression has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// Texts that this detector finds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector: Option<String>,
    /// Only in these parts of exchanges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<On>,
    /// Only for hosts that match, as `*.pay.example`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// How they are replaced; the kind's usual way where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<How>,
    /// The kind that stands in placeholders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// An exception: one of the first seven says where values stand that are left as they are, as in [`Rule`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keep {
    /// Values of headers of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// Values of cookies of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<String>,
    /// Values of parameters of this name in URLs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Values of fields of this name in forms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Values at this path in JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// Texts that match as a whole, where a detector has found them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// The detector is switched off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detector: Option<String>,
    /// Only in these parts of exchanges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<On>,
    /// Only for hosts that match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

impl Default for Definitions {
    fn default() -> Self {
        Self {
            set: Chosen::Set("default".to_owned()),
            seal_for: Duration::from_hours(24),
            no_seal: false,
            too_large: TooLarge::Drop,
            body_limit: 1 << 30,
            sets: BTreeMap::new(),
            added: Vec::new(),
        }
    }
}

impl From<String> for Chosen {
    fn from(name: String) -> Self {
        if name == "off" { Self::Off } else { Self::Set(name) }
    }
}

impl From<Chosen> for String {
    fn from(chosen: Chosen) -> Self {
        match chosen {
            Chosen::Off => "off".to_owned(),
            Chosen::Set(name) => name,
        }
    }
}

/// Times as texts: `24h`, `90m`, `7d`, `0s`.
mod time {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de};

    const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    /// Ten years.
    const LONGEST: u64 = 10 * 365 * 86_400;

    pub(super) fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        let seconds = time.as_secs();
        let (unit, of) = UNITS.iter().find(|(_, of)| seconds.is_multiple_of(*of)).unwrap_or(&("s", 1));
        let (unit, of) = if seconds == 0 { ("s", 1) } else { (*unit, *of) };
        serializer.collect_str(&format_args!("{}{unit}", seconds / of))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| {
            de::Error::custom(format!("`{text}` is no time; write a number and d, h, m or s, as in 24h"))
        })
    }

    fn parse(text: &str) -> Option<Duration> {
        let end = text.find(|sign: char| !sign.is_ascii_digit())?;
        let (_, of) = UNITS.iter().find(|(unit, _)| *unit == &text[end..])?;
        let seconds = text[..end].parse::<u64>().ok()?.checked_mul(*of)?;
        (seconds <= LONGEST).then(|| Duration::from_secs(seconds))
    }
}
