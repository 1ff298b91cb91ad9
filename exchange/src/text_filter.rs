//! The plain filter: words that must all occur in what a list row shows.

use crate::{State, Summary};

/// Words, each of which must occur (whatever its case) in an exchange's method, URL, status, content type, state where that
/// is a bad end (failed, aborted, interrupted, refused), or the name of the program that sent it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextFilter {
    words: Vec<String>,
}

impl TextFilter {
    /// A filter of the words in `text`, split at white space; none match everything.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { words: text.split_whitespace().map(str::to_lowercase).collect() }
    }

    /// The words, lower case.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Returns whether every word occurs in [`TextFilter::haystack`] of `summary`.
    #[must_use]
    pub fn matches(&self, summary: &Summary) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let haystack = Self::haystack(summary);
        self.words.iter().all(|word| haystack.contains(word))
    }

    /// The text in which words are looked for: `METHOD URL STATUS CONTENT-TYPE STATE PROGRAM`, lower case.
    fn haystack(summary: &Summary) -> String {
        let status = summary.status.map(|status| status.to_string()).unwrap_or_default();
        let content_type = summary.content_type.as_deref().unwrap_or_default();
        let state = match summary.state {
            State::Open | State::Complete => "",
            state => state.as_str(),
        };
        let program = summary.program.as_deref().unwrap_or_default();
        format!("{} {} {status} {content_type} {state} {program}", summary.method, summary.url())
            .to_lowercase()
    }
}
