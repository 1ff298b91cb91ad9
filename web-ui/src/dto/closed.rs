//! Connections that were closed on demand.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Connections that are being closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Closed {
    /// How many.
    pub connections: u64,
}
