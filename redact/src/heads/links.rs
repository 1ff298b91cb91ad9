//! Fields with URLs among other words: `Link` and `Refresh`.

use crate::edits::Edits;
use crate::how::On;
use crate::redactor::Redactor;

impl Redactor<'_> {
    /// The value of `Link`: `<url>; rel="next", <url>`.
    pub(super) fn links(&mut self, on: On, value: &[u8]) -> Option<Vec<u8>> {
        let (mut edits, mut at) = (Edits::new(value), 0);
        while let Some(open) = memchr::memchr(b'<', &value[at..]).map(|open| at + open + 1) {
            let end = memchr::memchr(b'>', &value[open..]).map_or(value.len(), |end| open + end);
            if let Some(changed) = self.url(on, &value[open..end]) {
                edits.replace(&(open..end)).extend_from_slice(&changed);
            }
            at = end;
        }
        self.rest(on, edits, value)
    }

    /// The value of `Refresh`: `5; url=/next?token=…`.
    pub(super) fn refresh(&mut self, on: On, value: &[u8]) -> Option<Vec<u8>> {
        let url = value.windows(4).position(|four| four.eq_ignore_ascii_case(b"url="));
        let mut edits = Edits::new(value);
        if let Some(start) = url.map(|at| at + 4)
            && let Some(changed) = self.url(on, &value[start..])
        {
            edits.replace(&(start..value.len())).extend_from_slice(&changed);
        }
        self.rest(on, edits, value)
    }

    /// `value` with `edits`, and then without what detectors find in it.
    fn rest(&mut self, on: On, edits: Edits<'_>, value: &[u8]) -> Option<Vec<u8>> {
        match edits.finish(value.len()) {
            Some(changed) => Some(self.text(on, &changed).unwrap_or(changed)),
            None => self.text(on, value),
        }
    }
}
