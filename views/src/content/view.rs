//! A way to show a body, as data.

use super::budget::Budget;
use super::subject::Subject;
use crate::dto::shown::Shown;
use crate::dto::viewed::ViewName;

/// A way to show a body.
#[derive(Debug)]
pub(super) struct ViewSpec {
    /// Its name.
    pub(super) name: &'static str,
    /// Its name for readers.
    pub(super) title: &'static str,
    /// The kind of what it shows, as [`Shown`] has it.
    pub(super) kind: &'static str,
    /// How well it fits a body, of which there may be the beginning only; `None` where it does not.
    pub(super) fits: fn(&Subject) -> Option<Fit>,
    /// Shows a body, as much of it as the budget allows; `None` where it is not what the view shows.
    pub(super) show: fn(&Subject, &Budget) -> Option<Shown>,
}

/// How well a view fits, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// The request says so, and the body looks so.
    Certain,
    /// The media type says so.
    Named,
    /// The body looks so.
    Sniffed,
    /// It shows whatever there is.
    Always,
}

impl ViewSpec {
    /// Its names, for a list.
    pub(super) fn names(&self) -> ViewName {
        ViewName { name: self.name.to_owned(), title: self.title.to_owned(), kind: self.kind.to_owned() }
    }
}
