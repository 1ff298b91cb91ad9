//! Heads that are alike, stored once: a template has what repeats, and rows the number of one and what differs.
//!
//! A folded head is `NUMBER["value",…]`; one that is stored whole is a JSON array, as [`crate::rows::headers_json`] writes
//! it. The view `exchanges` shows all of them whole. docs/decisions/0016-head-templates.md says why.

mod fold;
mod folder;
mod learning;
mod templates;
mod unfold;

pub(crate) use folder::{Folder, Heads};
pub(crate) use templates::{copy_whole, forget_behind, held, mend, missing, release, tidy};
pub(crate) use unfold::{WHOLE_REQUEST, WHOLE_RESPONSE, add_function};
