//! Uses of sealed secrets.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A use of sealed secrets by a command that has the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnsealUse {
    /// The exchange whose secrets they are; null: those of a filter.
    pub exchange: Option<i64>,
    /// The filter that chooses exchanges; null or empty: all.
    pub filter: Option<String>,
    /// The use: `show`, `curl` or `export`.
    pub purpose: String,
    /// How many secrets are put back; null: that is not known yet.
    pub secrets: Option<u64>,
    /// How many are not there any more; null: that is not known yet.
    pub missing: Option<u64>,
}
