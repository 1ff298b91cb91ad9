//! A request that is sent again, or for the first time.

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
    /// Fields that take the places of those of the same names, or are added: other than with `headers`, all others stay as
    /// recorded.
    pub set_headers: Option<Vec<(String, String)>>,
    /// False sends the placeholders of sealed secrets as they are. Otherwise the secrets are put back, and a request of which
    /// one can't be is not sent. Where the replay's record would have one in clear, only true, of an admin, sends it.
    pub unseal: Option<bool>,
    /// The body as text, sent as UTF-8.
    pub body: Option<String>,
    /// The body in base64; not together with `body`.
    pub body_base64: Option<String>,
}

/// A request that was not recorded before.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequest {
    /// The method; GET by default.
    pub method: Option<String>,
    /// The URL: `http://` or `https://`.
    pub url: String,
    /// All fields, in order. `Host` is added if it is missing; Content-Length follows the body.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body as text, sent as UTF-8.
    pub body: Option<String>,
    /// The body in base64; not together with `body`.
    pub body_base64: Option<String>,
}

/// The exchange that a replay or a new request began.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Replayed {
    /// Its number.
    pub id: i64,
}
