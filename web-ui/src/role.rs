//! Roles: how much a caller may see and do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much a caller may see and do. Each role may do what those before it may.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reads lists, heads and figures, but no contents: no bodies, no messages, no exports.
    #[default]
    ViewerWithoutBodies,
    /// Reads and exports all that is recorded, and changes nothing.
    Viewer,
    /// Also changes recording and what is recorded: settings, rules, leases, snapshots, pins, notes, deletes, replays.
    Operator,
    /// Also puts sealed secrets back, redacts, makes tokens, and reads the audit log.
    Admin,
}

impl Role {
    /// All of them, the one that may least first.
    pub const ALL: [Self; 4] = [Self::ViewerWithoutBodies, Self::Viewer, Self::Operator, Self::Admin];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ViewerWithoutBodies => "viewer-without-bodies",
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::as_str).join(", ");
        let found = Self::ALL.into_iter().find(|role| role.as_str() == name);
        found.ok_or_else(|| format!("unknown role \u{201c}{name}\u{201d}; expected one of {names}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_everywhere_and_in_order() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert!(Role::ALL.is_sorted() && Role::default() == Role::ALL[0]);
        assert!(
            "root".parse::<Role>().unwrap_err().contains("viewer-without-bodies, viewer, operator, admin")
        );
    }
}
