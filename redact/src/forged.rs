//! Texts in traffic that look like placeholders. Somebody sent them: if they were stored as they are, the secret of
//! another exchange would be put in their place. They are sealed themselves, so that what is put back is what was sent.

use crate::edits::Edits;
use crate::how::How;
use crate::placeholder::{FORGED, at_start, certain, placeholders};
use crate::redactor::Redactor;

impl Redactor<'_> {
    /// `text` as it came, with what looks like a placeholder in it replaced; `None` if nothing does.
    pub(crate) fn forged(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        if !self.is_raw {
            return None;
        }
        let how = self.set.names().how(How::Seal);
        let mut edits = Edits::new(text);
        let mut from = 0;
        for (mut range, _) in placeholders(text) {
            if range.start < from {
                continue;
            }
            // One may begin with the `~` of another's end.
            while let Some((length, _)) = at_start(&text[range.end - 1..]) {
                range.end += length - 1;
            }
            from = range.end;
            self.replacer.put_whole(FORGED, how, &text[range.clone()], edits.replace(&range));
        }
        edits.finish(text.len())
    }

    /// The outcome of `look` for a text as it came, in which nothing looks like a placeholder any more.
    pub(crate) fn came(
        &mut self,
        text: &[u8],
        look: impl FnOnce(&mut Self, &[u8]) -> Option<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        match self.forged(text) {
            Some(text) => look(self, &text).or(Some(text)),
            None => look(self, text),
        }
    }

    /// Returns whether something that looked like a placeholder in `came` still stands in `stored`: across the fields of
    /// a binary message, where nothing can be put in its place.
    pub(crate) fn is_forged_still(&self, came: &[u8], stored: &[u8]) -> bool {
        self.is_raw
            && placeholders(came)
                .any(|(sent, _)| placeholders(stored).any(|(found, _)| stored[found] == came[sent.clone()]))
    }
}

/// Bytes that come in pieces: what may be the beginning of such a text waits for the rest of it.
#[derive(Debug, Default)]
pub(crate) struct Incoming {
    held: Vec<u8>,
}

impl Incoming {
    /// Bytes that it holds.
    pub(crate) fn footprint(&self) -> usize {
        self.held.capacity()
    }

    /// Puts what is certain into `out`, and returns whether something in it was replaced.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        last: bool,
        redactor: &mut Redactor<'_>,
        out: &mut Vec<u8>,
    ) -> bool {
        if !redactor.is_raw {
            out.extend_from_slice(bytes);
            return false;
        }
        let mut all = std::mem::take(&mut self.held);
        let bytes = if all.is_empty() {
            bytes
        } else {
            all.extend_from_slice(bytes);
            &all
        };
        let (now, held) = bytes.split_at(if last { bytes.len() } else { certain(bytes) });
        self.held = held.to_vec();
        let forged = redactor.forged(now);
        out.extend_from_slice(forged.as_deref().unwrap_or(now));
        forged.is_some()
    }
}

#[cfg(test)]
mod tests;
