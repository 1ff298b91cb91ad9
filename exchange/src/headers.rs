//! Header fields exactly as on the wire: order, case, duplicates, bytes and white space are kept.

mod json;
mod names;
pub(crate) mod parted;
mod replace;

use std::fmt;
use std::ops::Range;

use self::json::latin1;
pub use self::names::{Mark, Names};
use crate::grammar::{is_text, is_token};

/// An ordered list of header fields. Their lines lie one after another in a single buffer, so that a head costs two
/// allocations however many fields it has, holds no read buffer alive, and is written in few pieces.
#[derive(Clone, Default)]
pub struct Headers {
    bytes: Vec<u8>,
    fields: Vec<Field>,
    /// Marks of the names that may be there: most that are asked for are not.
    marks: u64,
    /// True if a field was ever there that can't be written: then each is looked at before it is.
    doubtful: bool,
}

/// Where a field's line lies in the buffer: its name, a colon, all that stood behind that up to CR LF. The value is
/// what is left without the white space around it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Field {
    name: u32,
    rest: u32,
    value: u32,
    value_end: u32,
    end: u32,
    /// The mark of its name.
    mark: Mark,
}

impl Headers {
    /// An empty list with room for `fields` fields of `bytes` bytes in all.
    #[must_use]
    pub fn with_capacity(fields: usize, bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), fields: Vec::with_capacity(fields), ..Self::default() }
    }

    /// An empty list over `lines`, which [`Headers::push_within`] finds fields in; with room for `fields` fields, and
    /// for `more` bytes behind the lines.
    #[must_use]
    pub fn over(lines: &[u8], fields: usize, more: usize) -> Self {
        let mut headers = Self::with_capacity(fields, lines.len() + more);
        headers.bytes.extend_from_slice(lines);
        headers
    }

    /// Adds the field that lies in the lines from `start` on, with a name of `name` bytes, as a parser has found it, which
    /// has looked at its characters. False, and nothing is added,
    /// if that is no name behind which a colon stands, and CR LF behind the value.
    #[must_use]
    pub fn push_within(&mut self, start: usize, name: usize, value: Range<usize>) -> bool {
        let colon = start + name;
        let is_line = colon < value.start
            && self.bytes.get(colon) == Some(&b':')
            && self.bytes.get(value.end..).is_some_and(|rest| rest.starts_with(b"\r\n"));
        if is_line {
            debug_assert!(is_token(&self.bytes[start..colon]) && is_text(&self.bytes[value.clone()]));
            let mark = Mark::of(&self.bytes[start..colon]);
            self.marks |= mark.bit();
            self.fields.push(Field {
                name: offset(start),
                rest: offset(colon + 1),
                value: offset(value.start),
                value_end: offset(value.end),
                end: offset(value.end),
                mark,
            });
        }
        is_line
    }

    /// Adds a field at the end. `name` and `value` are kept as they are, whatever they are ([`Headers::check`] tells
    /// whether they can be written); on the wire the value stands behind a colon and a space.
    pub fn push(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        let name = name.as_ref();
        self.doubtful |= !is_token(name);
        self.store(name, [b" ", value.as_ref()], (1, 0));
    }

    /// Adds a field at the end, as [`Headers::push`] does, whose name is in our own words: it is not looked at.
    pub fn add(&mut self, name: &'static str, value: impl AsRef<[u8]>) {
        debug_assert!(is_token(name.as_bytes()));
        self.store(name.as_bytes(), [b" ", value.as_ref()], (1, 0));
    }

    /// Adds the fields of `others` at the end, all at once.
    pub fn append(&mut self, others: &Self) {
        let before = offset(self.bytes.len());
        self.bytes.extend_from_slice(&others.bytes);
        self.fields.extend(others.fields.iter().map(|field| field.behind(before)));
        self.marks |= others.marks;
        self.doubtful |= others.doubtful;
    }

    /// Adds a field at the end as it came: `rest` is all that stands between its colon and its line's end.
    /// The value is `rest` without the white space around it (RFC 9112 §5.1).
    pub fn push_line(&mut self, name: impl AsRef<[u8]>, rest: impl AsRef<[u8]>) {
        let rest = rest.as_ref();
        let is_white = |byte: &u8| matches!(byte, b' ' | b'\t');
        let before = rest.iter().take_while(|byte| is_white(byte)).count();
        let after = rest[before..].iter().rev().take_while(|byte| is_white(byte)).count();
        let name = name.as_ref();
        self.doubtful |= !is_token(name);
        self.store(name, [rest], (before, after));
    }

    /// All fields in wire order, each as (name, all that stands between its colon and its line's end).
    pub fn lines(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
        self.fields.iter().map(|field| {
            let (name, rest, end) = (field.name as usize, field.rest as usize, field.end as usize);
            (&self.bytes[name..rest - 1], &self.bytes[rest..end])
        })
    }

    /// All fields as they are written: whole lines with their ends, in as few pieces as they lie in.
    pub fn wire(&self) -> impl Iterator<Item = &[u8]> {
        let mut left = self.fields.as_slice();
        std::iter::from_fn(move || {
            let (first, mut others) = left.split_first()?;
            let mut end = first.line_end();
            while let Some((next, rest)) = others.split_first().filter(|(next, _)| next.name as usize == end)
            {
                (end, others) = (next.line_end(), rest);
            }
            left = others;
            Some(&self.bytes[first.name as usize..end])
        })
    }

    /// All fields in wire order, as (name, value).
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
        self.fields.iter().map(|field| self.field(*field))
    }

    /// The field at a place in wire order, as (name, value).
    #[must_use]
    #[inline]
    pub fn at(&self, place: usize) -> Option<(&[u8], &[u8])> {
        self.fields.get(place).map(|field| self.field(*field))
    }

    /// The first value of `name`, whatever its case.
    #[must_use]
    #[inline]
    pub fn first(&self, name: &str) -> Option<&[u8]> {
        self.named(name).next().map(|field| self.field(*field).1)
    }

    /// The first value of `name` as text; `None` if there is none or it is not UTF-8.
    #[must_use]
    #[inline]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.first(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Every value of `name`, whatever its case, in wire order.
    #[inline]
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + Clone {
        self.named(name).map(|field| self.field(*field).1)
    }

    /// Returns whether a field `name` is there.
    #[must_use]
    #[inline]
    pub fn contains(&self, name: &str) -> bool {
        self.named(name).next().is_some()
    }

    /// Returns false if surely no field is there whose name has `mark`.
    #[must_use]
    #[inline]
    pub fn may_contain(&self, mark: Mark) -> bool {
        self.marks & mark.bit() != 0
    }

    /// Returns whether one of `names` is there.
    #[must_use]
    #[inline]
    pub fn contains_any(&self, names: &Names) -> bool {
        let may_be = |field: &Field| names.marks & field.mark.bit() != 0;
        let is_one = |field: &Field| may_be(field) && names.contains(self.field(*field).0);
        self.marks & names.marks != 0 && self.fields.iter().any(is_one)
    }

    /// Returns whether `token` is in the comma-separated list that the fields `name` form together (RFC 9110 §5.6.1).
    #[must_use]
    #[inline]
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.tokens(name).any(|found| found.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// The elements of the comma-separated list that the fields `name` form together, without white space.
    #[inline]
    pub fn tokens<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.all(name)
            .flat_map(|value| value.split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|token| !token.is_empty())
    }

    /// Gives `name` the value `value` in the place of its first field, drops its other fields; adds it at
    /// the end if it was not there.
    pub fn set(&mut self, name: &'static str, value: impl AsRef<[u8]>) {
        let Some(at) = self.position(name) else { return self.add(name, value) };
        let Field { name: start, rest, mark, .. } = self.fields[at];
        let line = self.bytes.len();
        self.bytes.extend_from_within(start as usize..rest as usize);
        self.fields[at] = self.line((line, mark), [b" ", value.as_ref()], (1, 0));
        if self.fields[at + 1..].iter().any(|field| field.is_named(name, &self.bytes)) {
            let mut index = 0;
            self.retain(|field, _| {
                index += 1;
                index - 1 <= at || !field.eq_ignore_ascii_case(name.as_bytes())
            });
        }
    }

    /// Drops every field `name`; the others stay in their order.
    #[inline]
    pub fn remove(&mut self, name: &str) {
        if self.contains(name) {
            self.retain(|field, _| !field.eq_ignore_ascii_case(name.as_bytes()));
        }
    }

    /// Overwrites with `fill` what `find` finds in the fields' lines, one place after another. Whether there was any.
    /// What it finds must lie inside of names and values.
    pub fn overwrite(&mut self, find: impl Fn(&[u8]) -> Option<Range<usize>>, fill: u8) -> bool {
        let mut from = 0;
        while let Some(found) = find(&self.bytes[from..]) {
            self.bytes[from + found.start..from + found.end].fill(fill);
            from += found.end;
        }
        from > 0
    }

    /// Lets `change` overwrite bytes of every value of `name`, whatever its case.
    pub fn change_values(&mut self, name: &str, mut change: impl FnMut(&mut [u8])) {
        let mark = Mark::of(name.as_bytes());
        if !self.may_contain(mark) {
            return;
        }
        for field in &self.fields {
            if field.mark == mark && field.is_named(name, &self.bytes) {
                change(&mut self.bytes[field.value as usize..field.value_end as usize]);
            }
        }
    }

    /// The same fields, with the values that `change(name, value)` gives in place of theirs; the others stay as they came.
    #[must_use]
    pub fn with_values(&self, change: impl Fn(&[u8], &[u8]) -> Option<Vec<u8>>) -> Self {
        let mut changed = Self::with_capacity(self.fields.len(), self.bytes.len());
        for ((name, value), (_, rest)) in self.iter().zip(self.lines()) {
            match change(name, value) {
                Some(value) => changed.push(name, value),
                None => changed.push_line(name, rest),
            }
        }
        changed
    }

    /// Keeps the fields for which `keep(name, value)` holds, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&[u8], &[u8]) -> bool) {
        let bytes = &self.bytes;
        self.fields.retain(|field| {
            let (name, value) = split(bytes, *field);
            keep(name, value)
        });
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Returns whether there is no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Returns whether there may be a field that can't be written.
    pub(crate) fn may_be_illegal(&self) -> bool {
        self.doubtful
    }

    /// The bytes of the fields' lines.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// The memory that the list holds, in bytes.
    #[must_use]
    pub fn footprint(&self) -> usize {
        self.bytes.capacity() + self.fields.capacity() * size_of::<Field>()
    }

    /// The fields `name`, whatever its case.
    #[inline]
    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> + Clone {
        let mark = Mark::of(name.as_bytes());
        let fields: &[Field] = if self.may_contain(mark) { &self.fields } else { &[] };
        fields.iter().filter(move |field| field.mark == mark && field.is_named(name, &self.bytes))
    }

    fn position(&self, name: &str) -> Option<usize> {
        let is_named = |field: &Field| field.is_named(name, &self.bytes);
        self.may_contain(Mark::of(name.as_bytes())).then(|| self.fields.iter().position(is_named)).flatten()
    }

    #[inline]
    fn field(&self, field: Field) -> (&[u8], &[u8]) {
        split(&self.bytes, field)
    }

    /// Adds a field whose value has `white` bytes of white space before and behind it in `rest`.
    fn store<const N: usize>(&mut self, name: &[u8], rest: [&[u8]; N], white: (usize, usize)) {
        let start = self.bytes.len();
        let length = name.len() + rest.iter().map(|part| part.len()).sum::<usize>() + ":\r\n".len();
        self.bytes.reserve(length);
        self.bytes.extend_from_slice(name);
        self.bytes.push(b':');
        let mark = Mark::of(name);
        self.marks |= mark.bit();
        let field = self.line((start, mark), rest, white);
        self.fields.push(field);
    }

    /// Completes the line that began at `start`, behind its colon.
    fn line<const N: usize>(
        &mut self,
        (start, mark): (usize, Mark),
        rest: [&[u8]; N],
        white: (usize, usize),
    ) -> Field {
        let behind_colon = self.bytes.len();
        for part in rest {
            self.bytes.extend_from_slice(part);
        }
        let end = self.bytes.len();
        self.doubtful |= !is_text(&self.bytes[behind_colon..end]);
        self.bytes.extend_from_slice(b"\r\n");
        Field {
            name: offset(start),
            rest: offset(behind_colon),
            value: offset(behind_colon + white.0),
            value_end: offset(end - white.1),
            end: offset(end),
            mark,
        }
    }
}

impl Field {
    /// The same field where `before` more bytes stand before it.
    fn behind(self, before: u32) -> Self {
        let Self { name, rest, value, value_end, end, mark } = self;
        let at = |place: u32| place.checked_add(before).expect("heads are limited to far less than 4 GiB");
        Self {
            name: at(name),
            rest: at(rest),
            value: at(value),
            value_end: at(value_end),
            end: at(end),
            mark,
        }
    }

    /// Returns whether its line in `bytes` begins with `name`, whatever its case.
    #[inline]
    fn is_named(&self, name: &str, bytes: &[u8]) -> bool {
        let (start, length) = (self.name as usize, (self.rest - self.name) as usize - 1);
        length == name.len() && bytes[start..start + length].eq_ignore_ascii_case(name.as_bytes())
    }

    /// Behind its line's CR LF.
    fn line_end(&self) -> usize {
        self.end as usize + 2
    }
}

#[inline]
fn offset(at: usize) -> u32 {
    u32::try_from(at).expect("heads are limited to far less than 4 GiB")
}

#[inline]
fn split(bytes: &[u8], field: Field) -> (&[u8], &[u8]) {
    let (name, rest) = (field.name as usize, field.rest as usize);
    (&bytes[name..rest - 1], &bytes[field.value as usize..field.value_end as usize])
}

/// White space around values makes no difference.
impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        // Copies mostly lie as they did.
        let is_copy = self.bytes == other.bytes && self.fields == other.fields;
        is_copy || self.iter().eq(other.iter())
    }
}

impl Eq for Headers {}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|(name, value)| (latin1(name), latin1(value)))).finish()
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in fields {
            headers.push(name, value);
        }
        headers
    }
}

#[cfg(test)]
mod tests;
