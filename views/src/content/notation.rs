//! A writer of values in the diagnostic notation of CBOR (RFC 8949 §8), a line for each.

use super::budget::{Budget, DEEPEST};
use super::hex::digits;

/// Writes values one after the other.
pub(super) struct Notation<'b> {
    budget: &'b Budget,
    text: String,
    depth: usize,
}

/// How many entries a list has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Length {
    /// So many.
    Known(u64),
    /// As many as come before its end is marked.
    Open,
}

impl<'b> Notation<'b> {
    pub(super) fn new(budget: &'b Budget) -> Self {
        Self { budget, text: String::new(), depth: 0 }
    }

    /// The text so far.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// A value that stands as it is; `None` if there is no room for it.
    pub(super) fn push(&mut self, text: &str) -> Option<()> {
        self.budget.take(text.len() + 2).then(|| self.text.push_str(text))
    }

    /// Text in quotes, escaped as JSON does.
    pub(super) fn string(&mut self, text: &str) -> Option<()> {
        self.push(&serde_json::to_string(text).ok()?)
    }

    /// Bytes.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Option<()> {
        self.push(&format!("h'{}'", digits(bytes)))
    }

    /// A floating-point number, which always looks like one.
    pub(super) fn float(&mut self, value: f64) -> Option<()> {
        let text = match value {
            _ if value.is_nan() => "NaN".to_owned(),
            _ if value.is_infinite() => if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
            _ => format!("{value:?}"),
        };
        self.push(&text)
    }

    /// A list, or a map, of which `entry` writes the next entry and returns whether there was one. `None` if it can't be
    /// written to its end.
    pub(super) fn list(
        &mut self,
        [open, close]: [&str; 2],
        length: Length,
        mut entry: impl FnMut(&mut Self) -> Option<bool>,
    ) -> Option<()> {
        if self.depth >= DEEPEST {
            self.budget.note("Values deeper than 64 levels are left out.");
            return None;
        }
        // The line of its end is paid for here: it stands even where nothing else does.
        self.push(open)?;
        self.budget.take_text(self.line() + close.len()).then_some(())?;
        self.depth += 1;
        let mut count = 0u64;
        while !matches!(length, Length::Known(all) if count >= all) {
            self.budget.take_text(self.line() + 1).then_some(())?;
            let before = self.text.len();
            self.text.push_str(if count > 0 { ",\n" } else { "\n" });
            self.text.extend(std::iter::repeat_n("  ", self.depth));
            if !entry(self)? {
                self.text.truncate(before);
                break;
            }
            count += 1;
        }
        self.depth -= 1;
        if count > 0 {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("  ", self.depth));
        }
        self.text.push_str(close);
        Some(())
    }

    /// The bytes of a line's break and its indentation.
    fn line(&self) -> usize {
        1 + 2 * self.depth
    }

    /// Goes one level deeper for `inner`, which is no list: a tag's content.
    pub(super) fn within(&mut self, inner: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        if self.depth >= DEEPEST {
            self.budget.note("Values deeper than 64 levels are left out.");
            return None;
        }
        self.depth += 1;
        let written = inner(self);
        self.depth -= 1;
        written
    }
}
