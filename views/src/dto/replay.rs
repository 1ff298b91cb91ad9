//! A request that is sent again.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Changes to the recorded request; what is absent or null stays as recorded.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayEdits {
    /// The method.
    pub method: Option<String>,
    /// The URL; with another destination than the recorded one, `Host` follows unless `headers` has another.
    pub url: Option<String>,
    /// All fields, in order. Content-Length and Transfer-Encoding always follow the body.
    pub headers: Option<Vec<(String, String)>>,
    /// The body as text, sent as UTF-8.
    pub body: Option<String>,
    /// The body in base64; not together with `body`.
    pub body_base64: Option<String>,
}

/// The exchange that a replay began.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Replayed {
    /// Its number.
    pub id: i64,
}
