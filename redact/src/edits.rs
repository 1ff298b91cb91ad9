//! A text and the pieces of it that are replaced: nothing is copied before the first is.

use std::ops::Range;

/// Replacements in a text, in order.
#[derive(Debug)]
pub(crate) struct Edits<'t> {
    text: &'t [u8],
    out: Vec<u8>,
    copied: usize,
    any: bool,
}

impl<'t> Edits<'t> {
    pub(crate) fn new(text: &'t [u8]) -> Self {
        Self { text, out: Vec::new(), copied: 0, any: false }
    }

    /// The place to write what stands in the place of `range`, which begins behind the ranges before it.
    pub(crate) fn replace(&mut self, range: &Range<usize>) -> &mut Vec<u8> {
        if !self.any {
            self.out.reserve(self.text.len() + 64);
        }
        self.out.extend_from_slice(&self.text[self.copied..range.start]);
        self.copied = range.end;
        self.any = true;
        &mut self.out
    }

    /// The text up to `end` with its replacements; `None` if there are none.
    pub(crate) fn finish(mut self, end: usize) -> Option<Vec<u8>> {
        self.any.then(|| {
            self.out.extend_from_slice(&self.text[self.copied..end]);
            self.out
        })
    }
}
