//! Roles, tokens and the audit log.

use dashcam_store::{AuditEntry as StoredEntry, Token as StoredToken};
use dashcam_views::dto::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::role::Role;

/// The caller, and how much they may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallerRole {
    /// The role.
    pub role: Role,
    /// The way over which the call came: `page` (a session), `api` (a token), `cli` (the control socket).
    pub via: String,
    /// The name of the token; null for the home's token, and on the control socket.
    #[schema(required)]
    pub token: Option<String>,
    /// When the token ends; null if it does not by itself.
    #[schema(required)]
    pub expires_at: Option<Time>,
}

/// A token with a role, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The name of its role.
    pub role: String,
    /// `valid`, `expired` or `revoked`.
    pub state: String,
    /// When it was made.
    pub created_at: Time,
    /// When it ends; null if it does not by itself.
    #[schema(required)]
    pub expires_at: Option<Time>,
    /// When it was used last, to ten minutes; null if it was not.
    #[schema(required)]
    pub last_used_at: Option<Time>,
    /// The one who made it, as in the history of the settings.
    pub who: String,
    /// When it was revoked; null if it was not.
    #[schema(required)]
    pub revoked_at: Option<Time>,
}

impl From<StoredToken> for Token {
    fn from(token: StoredToken) -> Self {
        let state = match token.revoked_at {
            Some(_) => "revoked",
            None if token.is_valid(dashcam_recorder::now()) => "valid",
            None => "expired",
        };
        Self {
            id: token.id,
            name: token.name,
            role: token.role,
            state: state.to_owned(),
            created_at: token.created_at.into(),
            expires_at: token.expires_at.map(Time::from),
            last_used_at: token.last_used_at.map(Time::from),
            who: token.who,
            revoked_at: token.revoked_at.map(Time::from),
        }
    }
}

/// Tokens, the newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Tokens {
    /// The tokens.
    pub tokens: Vec<Token>,
}

/// A token to make.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// The role that it has.
    pub role: Role,
    /// Its name: letters, digits, spaces and `-_.@`, 64 at most. By default it is the role's, with a number if there is one of
    /// that name.
    #[serde(default)]
    pub name: Option<String>,
    /// How long it is valid, in microseconds; without it the token does not end by itself.
    #[serde(default)]
    pub lasting_us: Option<u64>,
}

/// A new token, with its secret: this is the only time that dashcam says it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct NewToken {
    /// The secret, for `Authorization: Bearer` or `/?token=`.
    pub secret: String,
    /// The token.
    pub token: Token,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its number.
    pub id: i64,
    /// When it was.
    pub at: Time,
    /// The one who did it, as in the history of the settings.
    pub who: String,
    /// The name of their role.
    pub role: String,
    /// The address from which it was done.
    #[schema(required)]
    pub address: Option<String>,
    /// The beginning of the name of the page's session in which it was done.
    #[schema(required)]
    pub session: Option<String>,
    /// `read`, `export`, `replay`, `unseal`, `redact`, `delete`, `token`, or `lost` (entries that could not be written).
    pub action: String,
    /// The numbers of the exchanges that it was done to, if they are known.
    pub exchanges: Vec<i64>,
    /// The filter that chose them; `~all` for all.
    #[schema(required)]
    pub filter: Option<String>,
    /// How many exchanges; of `unseal` and `redact` how many values. Null if that is not known.
    #[schema(required)]
    pub count: Option<u64>,
    /// The rest, by action; `docs/API.md` has the fields.
    #[schema(required)]
    pub detail: Option<Value>,
}

impl From<StoredEntry> for AuditEntry {
    fn from(entry: StoredEntry) -> Self {
        Self {
            id: entry.id,
            at: entry.at.into(),
            who: entry.who,
            role: entry.role,
            address: entry.address,
            session: entry.session,
            action: entry.action,
            exchanges: entry.exchanges.into_iter().map(|id| id.0).collect(),
            filter: entry.filter,
            count: entry.count,
            detail: entry.detail,
        }
    }
}

/// Entries of the audit log, the newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditLog {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// Where the next page starts; null if there is none.
    #[schema(required)]
    pub next_before: Option<i64>,
    /// How many entries were lost since dashcam started, because the disk did not take them.
    pub lost: u64,
}
