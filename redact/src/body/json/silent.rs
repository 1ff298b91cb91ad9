//! Documents in which nothing says that it is a secret, as most are: gone through once with nothing noted down.
//!
//! Only what is whole and well-formed JSON is passed here, and only if the steps of the scanner would find nothing in it.

use super::super::cx::{Cx, Found, Within};
use super::super::escapes::Escapes;
use super::super::json_syntax::{
    Word, behind_white, end_of_string, is_header, may_be_header, prefix, short_string, word,
};

/// The objects and arrays around a value.
#[derive(Default)]
struct Open {
    /// A bit for each, the innermost is the lowest: 1 for an object.
    objects: u64,
    depth: u32,
}

impl Open {
    /// `None` if there is no room for one more.
    #[inline]
    fn push(&mut self, is_object: bool) -> Option<()> {
        self.objects = self.objects << 1 | u64::from(is_object);
        self.depth += 1;
        (self.depth < u64::BITS).then_some(())
    }

    #[inline]
    fn pop(&mut self) {
        self.objects >>= 1;
        self.depth -= 1;
    }

    /// Returns whether the innermost is an object; `None` if there is none.
    #[inline]
    fn is_object(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.objects & 1 == 1)
    }
}

/// A walk through a text.
struct Walk<'w, 'c, 's> {
    cx: &'w mut Cx<'c, 's>,
    text: &'w [u8],
    /// True if no place in it is worth a look.
    is_quiet: bool,
    found: Vec<Found<'s>>,
}

/// The beginning of the value or member behind a value that ends at `at`; where all ends, that is the text's end.
#[inline]
fn next(text: &[u8], mut at: usize, open: &mut Open) -> Option<usize> {
    loop {
        at = behind_white(text, at);
        match text.get(at) {
            Some(b',') if open.depth > 0 => return Some(behind_white(text, at + 1)),
            Some(b'}') if open.is_object() == Some(true) => open.pop(),
            Some(b']') if open.is_object() == Some(false) => open.pop(),
            None | Some(b'{' | b'[') if open.depth == 0 => return Some(at),
            _ => return None,
        }
        at += 1;
    }
}

/// Returns whether surely nothing is found in `text`, which is all of a body, and where no path leads into.
pub(super) fn is_silent(cx: &mut Cx<'_, '_>, text: &[u8]) -> bool {
    let is_quiet = cx.is_quiet();
    let mut walk = Walk { cx, text, is_quiet, found: Vec::new() };
    let is_silent = walk.documents().is_some();
    if !is_silent {
        cx.look_again();
    }
    is_silent
}

impl Walk<'_, '_, '_> {
    /// Goes through one document or several; `None` where more than a look is needed.
    fn documents(&mut self) -> Option<()> {
        let (text, mut open) = (self.text, Open::default());
        let (mut is_key, mut is_first) = (false, false);
        let mut at = behind_white(text, prefix(text));
        loop {
            if is_key {
                at = self.key(at)?;
            }
            let first = std::mem::take(&mut is_first);
            match *text.get(at)? {
                b'"' => at = self.string(at + 1, first)?,
                sign @ (b'{' | b'[') => {
                    let is_object = sign == b'{';
                    open.push(is_object)?;
                    at = behind_white(text, at + 1);
                    if *text.get(at)? != if is_object { b'}' } else { b']' } {
                        (is_key, is_first) = (is_object, !is_object);
                        continue;
                    }
                }
                _ => at = self.number(at)?,
            }
            at = next(text, at, &mut open)?;
            is_key = open.objects & 1 == 1;
            if open.depth == 0 && at == text.len() {
                return Some(());
            }
        }
    }

    /// Passes a member's name that gives no secret away, and returns where the value begins.
    #[inline]
    fn key(&mut self, at: usize) -> Option<usize> {
        let text = self.text;
        if *text.get(at)? != b'"' {
            return None;
        }
        let on = self.cx.on;
        let end = match short_string(text, at + 1) {
            Some((sixteen, length)) => {
                let names = &mut self.cx.redactor.names;
                names.is_short_silent(on, sixteen, length).then_some(at + 1 + length)?
            }
            None => self.long_key(at + 1)?,
        };
        let colon = behind_white(text, end + 1);
        (*text.get(colon)? == b':').then(|| behind_white(text, colon + 1))
    }

    /// The end of a name that is longer, or stands at the end of the text.
    #[inline(never)]
    fn long_key(&mut self, start: usize) -> Option<usize> {
        let (end, escaped) = end_of_string(self.text, start)?;
        (!escaped && self.cx.redactor.names.is_silent(self.cx.on, &self.text[start..end])).then_some(end)
    }

    /// Passes a string whose content begins at `start`; an array's first may be the name of a header.
    #[inline]
    fn string(&mut self, start: usize, is_first: bool) -> Option<usize> {
        if let Some((sixteen, length)) = short_string(self.text, start)
            && (sixteen[0].is_ascii_alphanumeric() && self.is_quiet || length < 6)
            && !(is_first && may_be_header(sixteen[0]))
        {
            return Some(start + length + 1);
        }
        self.contents(start, is_first)
    }

    /// The same for one that is no short word.
    #[inline(never)]
    fn contents(&mut self, start: usize, is_first: bool) -> Option<usize> {
        let (text, is_id) = (self.text, false);
        let (end, escaped) = end_of_string(text, start)?;
        let escapes = if escaped { Escapes::Json } else { Escapes::None };
        if is_first && is_header(&escapes.undone(&text[start..end])) {
            return None;
        }
        if end - start >= 6 && (escaped || !self.cx.is_plain(text, (start, end))) {
            (self.cx.contents)(self.cx, Within { text, start, end, escapes, is_id }, &mut self.found);
        }
        self.found.is_empty().then_some(end + 1)
    }

    /// Passes a number or a literal.
    #[inline]
    fn number(&mut self, at: usize) -> Option<usize> {
        let Word { end, is_number } = word(self.text, at);
        if !is_number {
            return matches!(&self.text[at..end], b"true" | b"false" | b"null").then_some(end);
        }
        if end - at >= 9 && !self.is_quiet && !self.cx.has_nothing((at, end)) {
            self.cx.detect(self.text, (at, end), false, &mut self.found);
        }
        self.found.is_empty().then_some(end)
    }
}
