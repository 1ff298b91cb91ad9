//! Redaction of what is stored, and sealed secrets.

use dashcam_store::SealsInfo;
use dashcam_views::dto::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The wish to redact stored exchanges.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedactionRequest {
    /// A filter, in the language of `docs/FILTERS.md`; `~all` chooses every exchange.
    pub filter: String,
    /// Only exchanges with numbers up to this one: without it, up to the highest number when the call comes.
    pub up_to: Option<i64>,
    /// Only exchanges that had ended at this moment, in microseconds since 1970, with `up_to`.
    pub ended_by: Option<i64>,
    /// Only exchanges with greater numbers.
    pub after: Option<i64>,
    /// The name of the set; null: the one that is in force.
    pub set: Option<String>,
    /// True only says what would be replaced.
    #[serde(default)]
    pub dry_run: bool,
}

/// The reach of a redaction of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RedactionScope {
    /// At its place in this exchange.
    Here,
    /// Wherever stored exchanges have the same value.
    Everywhere,
    /// At its place in exchanges to come.
    FromNowOn,
}

/// The wish to redact one value of an exchange.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ValueRedaction {
    /// The place: `request` or `response`, a dot, `header`, `cookie`, `query`, `form` or `json`, a colon and the name or path,
    /// as in `request.header:authorization`.
    pub place: String,
    /// The reach.
    pub scope: RedactionScope,
    /// Where `everywhere` goes on.
    pub after: Option<i64>,
    /// True only counts; not with `from_now_on`, which changes nothing that is stored.
    #[serde(default)]
    pub dry_run: bool,
}

/// The outcome of a scrub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Scrubbed {
    /// False if somebody reads the recording all the while, so that old pages are still there: call it again later.
    pub done: bool,
}

/// The sealed secrets that can be put back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Seals {
    /// How many there are.
    pub count: u64,
    /// Bytes of their ciphertexts.
    pub bytes: u64,
    /// When the next one is forgotten.
    #[schema(required)]
    pub next_expiry: Option<Time>,
    /// When the last one is.
    #[schema(required)]
    pub last_expiry: Option<Time>,
}

/// The seals that are to be deleted: one of these.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SealsRemoval {
    /// All of them.
    pub all: bool,
    /// Those that were sealed first before this time.
    pub before: Option<Time>,
    /// Those of these ids, as they stand in placeholders.
    pub ids: Option<Vec<String>>,
}

/// The seals that are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SealsForgotten {
    /// How many.
    pub forgotten: u64,
}

impl From<SealsInfo> for Seals {
    fn from(info: SealsInfo) -> Self {
        Self {
            count: info.count,
            bytes: info.bytes,
            next_expiry: info.next_expiry.map(Time::from),
            last_expiry: info.last_expiry.map(Time::from),
        }
    }
}
