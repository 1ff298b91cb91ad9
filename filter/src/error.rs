//! Filters that can't be read: where, why, and what to write instead.

use std::fmt;

/// An error in a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// The filter.
    pub text: String,
    /// The character at which it went wrong, from 1; one behind the last at the end.
    pub column: usize,
    /// Says what is wrong there.
    pub message: String,
    /// Says what could stand there; empty if nothing is to be said.
    pub expected: String,
    /// The nearest name, where one is near.
    pub suggestion: Option<String>,
}

impl FilterError {
    /// The error in three lines for a terminal: the message, the filter (or the part around the place), and a mark under
    /// the place.
    #[must_use]
    pub fn render(&self) -> String {
        const BEFORE: usize = 60;
        const BEHIND: usize = 20;
        let place = self.column - 1;
        let start = place.saturating_sub(BEFORE);
        let shown =
            |character: char| if dashcam_exchange::is_unsafe_to_show(character) { ' ' } else { character };
        let part: String = self.text.chars().skip(start).take(place - start + BEHIND).map(shown).collect();
        let mark = " ".repeat(place - start);
        format!("{}\n  {}\n  {mark}^", self.explained(), part.trim_end())
    }

    /// The message, the alternatives, and the nearest name.
    fn explained(&self) -> String {
        let mut text = self.message.clone();
        if !self.expected.is_empty() {
            text += "; expected ";
            text += &self.expected;
        }
        if let Some(nearest) = &self.suggestion {
            text += &format!("; did you mean \u{201c}{nearest}\u{201d}?");
        }
        text
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in the filter, column {}: {}", self.column, self.explained())
    }
}

impl std::error::Error for FilterError {}
