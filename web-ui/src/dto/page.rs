//! The page's own listener.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the page is, and who calls it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page {
    /// Its URL without the token; null if it has none.
    #[schema(required)]
    pub url: Option<String>,
    /// Its Unix socket; null if it is on none.
    #[schema(required)]
    pub socket: Option<String>,
    /// How many sessions there are.
    pub sessions: u64,
    /// Wrong tokens since the start.
    pub sign_ins_failed: u64,
    /// Entries of the audit log that were lost since the start, because the disk did not take them.
    pub audit_lost: u64,
    /// Connections that are open.
    pub connections_open: u64,
    /// Refusals since the start, because there were as many as there may be.
    pub refused: PageRefused,
}

/// Refusals, by what there were too many of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PageRefused {
    /// Connections.
    pub connections: u64,
    /// Connections that were closed to make way: nobody had signed in over them.
    pub displaced: u64,
    /// Live streams.
    pub watchers: u64,
    /// Exports.
    pub exports: u64,
    /// Replays.
    pub replays: u64,
}
