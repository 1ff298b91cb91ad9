//! The views of a body.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shown::Shown;

/// The views that fit a body.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Views {
    /// The views, the best one first.
    pub views: Vec<ViewName>,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViewName {
    /// Its name.
    pub name: String,
    /// Its name for readers.
    pub title: String,
    /// The kind of what it shows: `text`, `table`, `tree`, `sections`, `conversation` or `hex`.
    pub kind: String,
}

/// A body as a view shows it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Viewed {
    /// The view's name; null where none fits.
    #[schema(required)]
    pub name: Option<String>,
    /// The view's name for readers.
    #[schema(required)]
    pub title: Option<String>,
    /// The contents; null where the view can't show them.
    #[schema(required)]
    pub shown: Option<Shown>,
    /// The charset in which text was read.
    pub charset: String,
    /// The content codings that were on it, as in `Content-Encoding`.
    #[schema(required)]
    pub encoding: Option<String>,
    /// The decoded size in bytes; of what was decoded, when `truncated`.
    pub size: u64,
    /// True if there is more than what was decoded.
    pub truncated: bool,
    /// A note on what is not shown, and why; null if there is nothing to say.
    #[schema(required)]
    pub note: Option<String>,
}
