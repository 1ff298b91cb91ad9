//! `[audit]`: the bounds of the audit log.

use dashcam_web_ui::AuditBounds;
use serde::Deserialize;

use crate::bounds::{self, Age, Number};

/// The bounds of the audit log.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Audit {
    #[serde(deserialize_with = "bounds::bound")]
    pub(crate) max_age: Option<Age>,
    #[serde(deserialize_with = "bounds::bound")]
    pub(crate) max_rows: Option<Number>,
}

impl Audit {
    /// The bounds that it says, or those where it says nothing.
    pub(crate) fn bounds(&self) -> AuditBounds {
        let default = AuditBounds::default();
        AuditBounds {
            age: self.max_age.map_or(default.age, |age| age.0),
            rows: self.max_rows.map_or(default.rows, |rows| rows.0),
        }
    }
}
