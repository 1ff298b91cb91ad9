//! Fields and targets that surely hold no secret, as most do: told by one look at all of a head.

use dashcam_exchange::Headers;

use super::fields::{is_of_one_part, is_url};
use crate::detect::{Hit, hits};
use crate::how::On;
use crate::names::{Decision, Place};
use crate::redactor::Redactor;

/// The fields of a head that have to be looked at, by their index: from the last bit on, all of them if that is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loud(u64);

impl Loud {
    const ALL: Self = Self(u64::MAX);

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn contains(self, index: usize) -> bool {
        self.0 >> index.min(63) & 1 == 1
    }
}

impl Redactor<'_> {
    /// The fields of `headers` in which something may be found.
    pub(super) fn loud(&mut self, on: On, headers: &Headers) -> Loud {
        let mut wire = headers.wire();
        let (Some(wire), None) = (wire.next(), wire.next()) else { return Loud::ALL };
        let mut found = std::mem::take(&mut self.hits);
        let loud = if self.may_look(wire, &mut found) {
            self.loud_lines(on, wire, headers, &found)
        } else {
            Loud::ALL
        };
        self.hits = found;
        loud
    }

    /// Finds the places in `text` that are worth a look; false if it has to be looked at whatever they are.
    fn may_look(&self, text: &[u8], found: &mut Vec<Hit>) -> bool {
        let may_be_forged = self.is_raw && memchr::memchr(b'~', text).is_some();
        if may_be_forged || self.texts.has_expressions() {
            return false;
        }
        hits(text, found);
        true
    }

    fn loud_lines(&mut self, on: On, wire: &[u8], headers: &Headers, mut hits: &[Hit]) -> Loud {
        let (mut loud, mut start) = (0, 0);
        let mut schemes = memchr::memmem::find_iter(wire, b"://").peekable();
        for (index, (name, rest)) in headers.lines().enumerate() {
            let end = start + name.len() + 1 + rest.len();
            // What is found in a name, or goes on behind the value, is one more look.
            let many = hits.iter().take_while(|hit| (hit.at as usize) < end).count();
            let is_quiet =
                hits[..many].iter().all(|hit| (hit.at as usize) < start + name.len() || hit.is_no_card(wire));
            hits = &hits[many..];
            let has_scheme = schemes.next_if(|at| *at < end).is_some();
            while schemes.next_if(|at| *at < end).is_some() {}
            let value = value(rest);
            let may_be_url = has_scheme || matches!(value, [b'/' | b'?' | b'#' | b'.', ..]);
            let is_silent = is_quiet
                && self.is_silent_field(on, (wire, start, name))
                && (!may_be_url || !is_url(value) || self.is_silent_url(on, value));
            loud |= u64::from(!is_silent) << index.min(63);
            start = end + b"\r\n".len();
        }
        Loud(loud)
    }

    /// Returns whether nothing is said by the name of a field, which stands in `wire` at `start`.
    #[inline]
    fn is_silent_field(&mut self, on: On, (wire, start, name): (&[u8], usize, &[u8])) -> bool {
        let names = &mut self.names;
        match wire[start..].first_chunk() {
            Some(sixteen) if name.len() < 16 => {
                names.is_short_silent_field(on, sixteen, name.len(), is_of_one_part)
            }
            _ => names.is_silent_field(on, name, is_of_one_part),
        }
    }

    /// Returns whether nothing is found in a target.
    pub(super) fn is_silent_target(&mut self, on: On, target: &[u8]) -> bool {
        let mut found = std::mem::take(&mut self.hits);
        let is_quiet = self.may_look(target, &mut found) && found.is_empty();
        self.hits = found;
        is_quiet && self.is_silent_url(on, target)
    }

    /// The same for any URL in which no place is worth a look.
    fn is_silent_url(&mut self, on: On, url: &[u8]) -> bool {
        let query = memchr::memchr(b'?', url).unwrap_or(url.len());
        if memchr::memchr3(b'%', b'#', b';', url).is_some() || !is_silent_path(&url[..query]) {
            return false;
        }
        let mut pieces = url.get(query + 1..).unwrap_or_default().split(|byte| *byte == b'&');
        pieces.all(|piece| match memchr::memchr(b'=', piece) {
            None => true,
            Some(equals) => {
                let (name, value) = (&piece[..equals], &piece[equals + 1..]);
                let is_plain = memchr::memchr(b'+', name).or(memchr::memchr(b'=', value)).is_none();
                is_plain && matches!(self.names.decide(on, Place::Query, name), Decision::Look)
            }
        })
    }
}

/// Returns whether surely no segment of a path is a token; it has no parameters.
fn is_silent_path(path: &[u8]) -> bool {
    use super::urls::{LEAST, PRIVATE};
    path.split(|byte| *byte == b'/').all(|segment| segment.len() < LEAST && !segment.starts_with(PRIVATE))
}

/// The value in all that stands between a field's colon and its line's end.
fn value(mut rest: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', inner @ ..] | [inner @ .., b' ' | b'\t'] = rest {
        rest = inner;
    }
    rest
}
