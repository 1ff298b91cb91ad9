//! The table of all views.

use super::view::ViewSpec;
use super::{form, hex, json, text};

/// All views. Of two that fit a body equally well, the first is the better one.
pub(super) const VIEWS: &[ViewSpec] = &[json::VIEW, form::VIEW, text::VIEW, hex::VIEW];
