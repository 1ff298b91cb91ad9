//! Fields as they lie in their lines, for those who keep them elsewhere and make the same list of them again.

use super::{Field, Headers};

/// The lengths of one field's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineLengths {
    /// Bytes of the name.
    pub name: usize,
    /// Bytes between its colon and the line's end.
    pub rest: usize,
    /// Bytes of these that stand before the value …
    pub before: usize,
    /// … and behind it.
    pub after: usize,
}

impl Headers {
    /// The lengths of all fields' lines, in wire order: [`Headers::wire`] has their bytes.
    pub fn lengths(&self) -> impl Iterator<Item = LineLengths> + Clone {
        self.fields.iter().map(|field| {
            let Field { name, rest, value, value_end, end, .. } = *field;
            LineLengths {
                name: (rest - name) as usize - 1,
                rest: (end - rest) as usize,
                before: (value - rest) as usize,
                after: (end - value_end) as usize,
            }
        })
    }

    /// Adds a field at the end as it lay in its line: `rest` is all that stands between its colon and its line's end, of
    /// which `before` and `after` bytes are not the value's. False, and nothing is added, if there are not so many.
    #[must_use]
    pub fn push_parted(&mut self, name: &[u8], rest: &[u8], (before, after): (usize, usize)) -> bool {
        let fits = before.checked_add(after).is_some_and(|white| white <= rest.len());
        if fits {
            self.doubtful |= !super::is_token(name);
            self.store(name, [rest], (before, after));
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_made_again_of_its_lines() {
        let mut headers = Headers::default();
        headers.push("a", "1");
        headers.push("b", " kept ");
        headers.push_line("c", "\t  2 ");
        headers.push_line("d", "   ");
        headers.push("e", "");
        headers.set("a", "3");
        let wire: Vec<u8> = headers.wire().flatten().copied().collect();
        let mut again = Headers::default();
        let mut left = wire.as_slice();
        for LineLengths { name, rest, before, after } in headers.lengths() {
            let line = &left[..name + 1 + rest];
            assert!(again.push_parted(&line[..name], &line[name + 1..], (before, after)));
            left = &left[line.len() + 2..];
        }
        assert!(left.is_empty());
        assert_eq!(again, headers);
        assert!(again.lines().eq(headers.lines()));
        assert!(!again.push_parted(b"f", b"ab", (2, 1)), "more white space than there is");
        assert!(!again.push_parted(b"f", b"ab", (usize::MAX, 1)));
    }
}
