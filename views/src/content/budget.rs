//! The time and the room that a view may take for one body.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

/// The longest time that a call may compute, for all the views that it tries.
const TIME: Duration = Duration::from_millis(1500);
/// The most items: rows, nodes, lines.
const ITEMS: usize = 20_000;
/// The most bytes of text, for all items together.
const TEXT: usize = 8 << 20;
/// The deepest nesting that a view goes into.
pub(super) const DEEPEST: usize = 64;
/// Items after which the clock is looked at.
const LOOK: usize = 64;

/// The time by which a call is to have its answer. The views that it tries share it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Instant);

impl Deadline {
    /// That of a call that begins now.
    pub(super) fn begin() -> Self {
        Self::within(TIME)
    }

    /// That of a call that may take `time` from now on.
    pub(super) fn within(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// Returns whether it has passed.
    pub(super) fn has_passed(self) -> bool {
        Instant::now() >= self.0
    }
}

/// The budget of one view of one body. A view asks for each item; it stops where there is no room, and what it has so far
/// is shown.
#[derive(Debug)]
pub(super) struct Budget {
    until: Instant,
    items: Cell<usize>,
    text: Cell<usize>,
    taken: Cell<usize>,
    spent: Cell<Option<&'static str>>,
    notes: RefCell<Vec<String>>,
}

impl Budget {
    /// The budget of a call's only view.
    pub(super) fn begin() -> Self {
        Self::until(Deadline::begin())
    }

    /// The budget of one of a call's views.
    pub(super) fn until(Deadline(until): Deadline) -> Self {
        Self {
            until,
            items: Cell::new(ITEMS),
            text: Cell::new(TEXT),
            taken: Cell::new(0),
            spent: Cell::new(None),
            notes: RefCell::default(),
        }
    }

    /// Takes room for an item with so many bytes of text; false if there is none left.
    pub(super) fn take(&self, text: usize) -> bool {
        match self.items.get().checked_sub(1) {
            Some(items) => {
                self.items.set(items);
                self.take_text(text)
            }
            None => self.spend("The view ends here: it shows at most 20,000 items."),
        }
    }

    /// Takes room for text that is no item of its own.
    pub(super) fn take_text(&self, text: usize) -> bool {
        if self.is_spent() {
            return false;
        }
        let Some(left) = self.text.get().checked_sub(text) else {
            return self.spend("The view ends here: it shows at most 8 MiB of text.");
        };
        let taken = self.taken.get() + 1;
        self.text.set(left);
        self.taken.set(taken);
        !taken.is_multiple_of(LOOK) || self.has_time()
    }

    /// Looks at the clock; false if the time is over.
    pub(super) fn has_time(&self) -> bool {
        !self.is_spent()
            && (Instant::now() < self.until
                || self.spend("The view ends here: laying out more would take too long."))
    }

    /// Returns whether there is nothing left.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.get().is_some()
    }

    fn spend(&self, why: &'static str) -> bool {
        self.spent.set(self.spent.get().or(Some(why)));
        false
    }

    /// Notes something for the reader, once.
    pub(super) fn note(&self, what: impl Into<String>) {
        let (what, mut notes) = (what.into(), self.notes.borrow_mut());
        if !notes.contains(&what) && notes.len() < 8 {
            notes.push(what);
        }
    }

    /// All that there is to note.
    pub(super) fn into_note(self) -> Option<String> {
        let mut notes = self.notes.into_inner();
        notes.extend(self.spent.get().map(str::to_owned));
        (!notes.is_empty()).then(|| notes.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_and_says_why() {
        let budget = Budget::begin();
        assert!((0..ITEMS).all(|_| budget.take(1)));
        assert!(!budget.take(1) && budget.is_spent());
        budget.note("a.");
        budget.note("a.");
        let note = budget.into_note().unwrap();
        assert!(note.starts_with("a. The view ends here") && note.contains("20,000"), "{note}");
        let budget = Budget::begin();
        assert!(budget.take(TEXT) && !budget.take_text(1) && !budget.take(0));
        let past = Budget { until: Instant::now(), ..Budget::begin() };
        assert!(!past.has_time() && past.into_note().unwrap().contains("too long"));
        assert_eq!(Budget::begin().into_note(), None);
    }
}
