//! Tables in text (CSV, TSV): a first row of names, and columns of secrets under them.

use std::borrow::Cow;

use super::cx::{Cx, Form, Found, Within, is_id};
use super::escapes::Escapes;
use crate::names::{Decision, Place};

/// The state between two pieces.
#[derive(Debug, Default)]
pub(super) struct Csv {
    /// The columns' names; none before the first row.
    names: Option<Vec<Vec<u8>>>,
    separator: u8,
}

impl Csv {
    /// Goes through whole rows, and returns up to where.
    pub(super) fn scan<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        piece: &[u8],
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> usize {
        let mut at = 0;
        while at < piece.len() {
            let end = match end_of_row(&piece[at..]) {
                Some(end) => at + end,
                None if last => piece.len(),
                None => return at,
            };
            let row = at + usize::from(at == 0 && piece.starts_with(b"\xef\xbb\xbf")) * 3;
            match &self.names {
                None => self.names = Some(self.header(&piece[row..end])),
                Some(_) => self.row(cx, piece, (row, end), found),
            }
            at = end;
        }
        at
    }

    fn header(&mut self, row: &[u8]) -> Vec<Vec<u8>> {
        let count = |separator: u8| memchr::memchr_iter(separator, row).count();
        self.separator =
            [b',', b';', b'\t'].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',');
        fields(row, self.separator).into_iter().map(|field| row[field].to_vec()).collect()
    }

    fn row<'s>(
        &self,
        cx: &mut Cx<'_, 's>,
        piece: &[u8],
        (start, end): (usize, usize),
        found: &mut Vec<Found<'s>>,
    ) {
        let names = self.names.iter().flatten().map(Vec::as_slice).chain(std::iter::repeat(&b""[..]));
        for (field, name) in fields(&piece[start..end], self.separator).into_iter().zip(names) {
            let (start, end) = (start + field.start, start + field.end);
            let value = &piece[start..end];
            if let Decision::Replace(treatment) = cx.redactor.names.decide(cx.on, Place::Form, name)
                && treatment.takes(value)
            {
                let kind = Cow::Borrowed(treatment.kind);
                found.push(Found { range: start..end, kind, how: treatment.how, form: Form::Bare });
            } else if end - start >= 6 {
                let within = Within { text: piece, start, end, escapes: Escapes::None, is_id: is_id(name) };
                (cx.contents)(cx, within, found);
            }
        }
    }
}

/// The length of the row with which `rest` begins: line ends in quotes are none.
fn end_of_row(rest: &[u8]) -> Option<usize> {
    let mut is_quoted = false;
    memchr::memchr2_iter(b'"', b'\n', rest).find_map(|at| {
        is_quoted ^= rest[at] == b'"';
        (rest[at] == b'\n' && !is_quoted).then_some(at + 1)
    })
}

/// The fields of a row, without their quotes.
fn fields(row: &[u8], separator: u8) -> Vec<std::ops::Range<usize>> {
    let row = &row[..row.trim_ascii_end().len()];
    let (mut found, mut start, mut is_quoted) = (Vec::new(), 0, false);
    for (at, byte) in row.iter().enumerate() {
        is_quoted ^= *byte == b'"';
        if *byte == separator && !is_quoted {
            found.push(unquoted(row, start..at));
            start = at + 1;
        }
    }
    found.push(unquoted(row, start..row.len()));
    found
}

fn unquoted(row: &[u8], field: std::ops::Range<usize>) -> std::ops::Range<usize> {
    match &row[field.clone()] {
        [b'"', .., b'"'] => field.start + 1..field.end - 1,
        _ => field,
    }
}
