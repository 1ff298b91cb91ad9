//! Rows of a list that stay small, whatever a client sent: the exchange itself has the whole.

use crate::{Connection, Program, Summary};

/// Bytes that a row keeps of its target.
const TARGET: usize = 2048;
/// Bytes that a row keeps of its other texts.
const TEXT: usize = 256;
/// Tags that a row keeps.
const TAGS: usize = 12;
/// Bytes that a row keeps of why it failed.
const MESSAGE: usize = 1024;

impl Summary {
    /// Cuts its texts to what a list carries, and marks it if one was longer: `…` stands behind that.
    pub fn shorten(&mut self) {
        let failure = self.failure.as_mut().map(|failure| (&mut failure.message, MESSAGE));
        let texts =
            [(&mut self.target, TARGET), (&mut self.method, TEXT), (&mut self.destination.host, TEXT)];
        let content_type = self.content_type.as_mut().map(|text| (text, TEXT));
        let program = self.program.as_mut().map(|text| (text, TEXT));
        for (text, most) in texts.into_iter().chain(content_type).chain(program).chain(failure) {
            self.is_cut |= shorten(text, most);
        }
        self.is_cut |= self.tags.len() > TAGS;
        self.tags.truncate(TAGS);
        for tag in &mut self.tags {
            self.is_cut |= shorten(tag, TEXT);
        }
        // Those that dashcam knows are shorter, and shared.
        if let Some(rule) = self.rule.as_mut().filter(|rule| rule.len() > TEXT) {
            let mut text = String::from(&**rule);
            self.is_cut |= shorten(&mut text, TEXT);
            *rule = text.into();
        }
    }
}

impl Connection {
    /// Cuts its texts to what a list carries; `…` stands behind one that was longer.
    pub fn shorten(&mut self) {
        let failure = self.failure.as_mut().map(|failure| (&mut failure.message, MESSAGE));
        let destination = self.destination.as_mut().map(|text| (text, TEXT));
        for (text, most) in destination.into_iter().chain(failure) {
            shorten(text, most);
        }
        if let Some(Program { name, path, command, cgroup, .. }) = &mut self.program {
            let texts = [path, command, cgroup].into_iter().flatten();
            texts.chain([name]).for_each(|text| _ = shorten(text, TEXT));
        }
    }
}

/// Cuts `text` between characters, and puts `…` behind it; says whether it was longer than `most` bytes.
fn shorten(text: &mut String, most: usize) -> bool {
    if text.len() <= most {
        return false;
    }
    text.truncate(text.floor_char_boundary(most));
    text.push('…');
    // What was cut off would keep its memory.
    text.shrink_to_fit();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        for (text, most, expect, cut) in
            [("abc", 3, "abc", false), ("abcd", 3, "abc…", true), ("aü", 2, "a…", true), ("", 0, "", false)]
        {
            let mut shortened = text.to_owned();
            assert_eq!((shorten(&mut shortened, most), shortened.as_str()), (cut, expect), "{text:?}");
        }
    }
}
