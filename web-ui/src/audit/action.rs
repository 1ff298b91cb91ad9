//! The things that the audit log notes.

use dashcam_exchange::ExchangeId;
use dashcam_store::ChosenSeals;
use dashcam_views::dto::Time;
use serde_json::{Value, json};

use super::reads::Parts;

/// The names of all actions, as the log has them.
pub const ACTIONS: [&str; 11] =
    ["read", "export", "replay", "send", "unseal", "redact", "scrub", "seal", "delete", "token", "lost"];

/// The ids of seals that one entry names.
const NAMED: usize = 100;

/// The exchanges that something is done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// These.
    Exchanges(Vec<ExchangeId>),
    /// Those that a filter chooses.
    Filter(String),
    /// Those of a snapshot, by its name.
    Snapshot(String),
    /// All.
    All,
}

/// Something that the audit log notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// An exchange, or parts of it, were read.
    Read {
        /// The exchange.
        exchange: ExchangeId,
        /// Its parts.
        parts: Parts,
    },
    /// A file was made of exchanges. Their count comes later.
    Export {
        /// The file's format.
        format: &'static str,
        /// The exchanges.
        of: Subject,
        /// True if sealed secrets were put back.
        unsealed: bool,
    },
    /// A request was sent again.
    Replay {
        /// The exchange that it was recorded in.
        of: ExchangeId,
        /// The new exchange.
        new: ExchangeId,
        /// True if it was edited.
        edited: bool,
    },
    /// A request was sent that was not recorded before.
    Send {
        /// The new exchange.
        new: ExchangeId,
    },
    /// Sealed secrets were put back.
    Unseal {
        /// The exchanges that have them.
        of: Subject,
        /// The use that was made of them: `replay`, `curl`, `snippet`, `export`, `show`.
        purpose: &'static str,
        /// How many secrets were put back; `None`: that is not known yet.
        secrets: Option<u64>,
        /// How many were not there any more.
        missing: Option<u64>,
    },
    /// Stored exchanges were redacted.
    Redact {
        /// The exchanges.
        of: Subject,
        /// The set of rules, as rows name it.
        set: String,
        /// How many values were replaced.
        replaced: u64,
    },
    /// The database's files were cleaned of what was redacted or deleted before.
    Scrub {
        /// False if the write-ahead log still has some of it.
        done: bool,
    },
    /// Sealed secrets were deleted.
    Seal {
        /// Those that were chosen.
        which: ChosenSeals,
        /// How many there were.
        forgotten: u64,
    },
    /// Exchanges were deleted.
    Delete {
        /// The exchanges.
        of: Subject,
        /// How many there were.
        exchanges: u64,
    },
    /// A token was made, revoked or, the home's, replaced.
    Token {
        /// `new`, `revoked` or `rotated`.
        change: &'static str,
        /// Its number, name and role; none for the home's.
        token: Option<(i64, String, String)>,
    },
}

impl Action {
    /// Its name, one of [`ACTIONS`].
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Read { .. } => "read",
            Self::Export { .. } => "export",
            Self::Replay { .. } => "replay",
            Self::Send { .. } => "send",
            Self::Unseal { .. } => "unseal",
            Self::Redact { .. } => "redact",
            Self::Scrub { .. } => "scrub",
            Self::Seal { .. } => "seal",
            Self::Delete { .. } => "delete",
            Self::Token { .. } => "token",
        }
    }

    /// The exchanges that it is about, by number, and the filter that chose them.
    #[must_use]
    pub fn subject(&self) -> (Vec<ExchangeId>, Option<String>) {
        match self {
            Self::Read { exchange, .. } => (vec![*exchange], None),
            Self::Replay { of, .. } => (vec![*of], None),
            Self::Send { new } => (vec![*new], None),
            Self::Export { of, .. }
            | Self::Unseal { of, .. }
            | Self::Redact { of, .. }
            | Self::Delete { of, .. } => match of {
                Subject::Exchanges(ids) => (ids.clone(), None),
                Subject::Filter(filter) => (Vec::new(), Some(filter.clone())),
                Subject::Snapshot(name) => (Vec::new(), Some(format!("snapshot:{name}"))),
                Subject::All => (Vec::new(), Some("~all".to_owned())),
            },
            Self::Scrub { .. } | Self::Seal { .. } | Self::Token { .. } => (Vec::new(), None),
        }
    }

    /// How many exchanges or secrets it is about.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Read { .. } | Self::Replay { .. } | Self::Send { .. } => Some(1),
            Self::Unseal { secrets, .. } => *secrets,
            Self::Seal { forgotten, .. } => Some(*forgotten),
            Self::Redact { replaced, .. } => Some(*replaced),
            Self::Delete { exchanges, .. } => Some(*exchanges),
            Self::Export { .. } | Self::Scrub { .. } | Self::Token { .. } => None,
        }
    }

    /// The rest.
    #[must_use]
    pub fn detail(&self) -> Option<Value> {
        match self {
            Self::Read { parts, .. } => Some(json!({"parts": parts.names()})),
            Self::Export { format, unsealed, .. } => Some(json!({"format": format, "unsealed": unsealed})),
            Self::Replay { new, edited, .. } => Some(json!({"new": new.0, "edited": edited})),
            Self::Unseal { purpose, missing, .. } => Some(json!({"purpose": purpose, "missing": missing})),
            Self::Redact { set, .. } => Some(json!({"set": set})),
            Self::Scrub { done } => Some(json!({"done": done})),
            Self::Seal { which, .. } => Some(seals(which)),
            Self::Delete { .. } | Self::Send { .. } => None,
            Self::Token { change, token: None } => Some(json!({"change": change})),
            Self::Token { change, token: Some((id, name, role)) } => {
                Some(json!({"change": change, "id": id, "name": name, "role": role}))
            }
        }
    }
}

/// Which seals were chosen.
fn seals(which: &ChosenSeals) -> Value {
    match which {
        ChosenSeals::All => json!({"which": "all"}),
        ChosenSeals::SealedBefore(time) => json!({"which": "before", "before": Time::from(*time)}),
        ChosenSeals::These(ids) => {
            let named: Vec<_> = ids.iter().take(NAMED).map(ToString::to_string).collect();
            json!({"which": "ids", "ids": named})
        }
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{SealId, Timestamp};

    use super::*;

    #[test]
    fn each_action_says_what_it_is_about() {
        let of = || Subject::Filter("host:a".to_owned());
        let check = |action: Action, count: Option<u64>, expect: Value| {
            assert!(ACTIONS.contains(&action.name()), "{action:?}");
            let (exchanges, filter) = action.subject();
            let exchanges: Vec<_> = exchanges.iter().map(|id| id.0).collect();
            assert_eq!(action.count(), count, "{action:?}");
            assert_eq!(json!([exchanges, filter, action.detail()]), expect, "{action:?}");
        };
        let export = Action::Export { format: "har", of: of(), unsealed: true };
        check(export, None, json!([[], "host:a", {"format": "har", "unsealed": true}]));
        let replay = Action::Replay { of: ExchangeId(1), new: ExchangeId(2), edited: false };
        check(replay, Some(1), json!([[1], null, {"new": 2, "edited": false}]));
        check(Action::Send { new: ExchangeId(3) }, Some(1), json!([[3], null, null]));
        let of = Subject::Exchanges(vec![ExchangeId(7)]);
        let unseal = Action::Unseal { of, purpose: "curl", secrets: Some(3), missing: Some(1) };
        check(unseal, Some(3), json!([[7], null, {"purpose": "curl", "missing": 1}]));
        let redact = Action::Redact { of: Subject::All, set: "default@00000000".to_owned(), replaced: 9 };
        check(redact, Some(9), json!([[], "~all", {"set": "default@00000000"}]));
        check(Action::Scrub { done: true }, None, json!([[], null, {"done": true}]));
        let id = "0123456789abcdef01234567";
        for (which, expect) in [
            (ChosenSeals::All, json!({"which": "all"})),
            (
                ChosenSeals::SealedBefore(Timestamp(0)),
                json!({"which": "before", "before": Time::from(Timestamp(0))}),
            ),
            (
                ChosenSeals::These(vec![SealId::parse(id.as_bytes()).unwrap()]),
                json!({"which": "ids", "ids": [id]}),
            ),
        ] {
            check(Action::Seal { which, forgotten: 2 }, Some(2), json!([[], null, expect]));
        }
        let delete = Action::Delete { of: Subject::Snapshot("inc".to_owned()), exchanges: 4 };
        check(delete, Some(4), json!([[], "snapshot:inc", null]));
        let token = Some((3, "ci".to_owned(), "viewer".to_owned()));
        let token = Action::Token { change: "new", token };
        check(token, None, json!([[], null, {"change": "new", "id": 3, "name": "ci", "role": "viewer"}]));
    }
}
