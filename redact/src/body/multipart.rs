//! Bodies of several parts: each by its own name and type, to the boundary that ends it.

use std::borrow::Cow;

use memchr::memmem;

use super::cx::{Cx, Form, Found};
use super::kind::{ENOUGH, Kind};
use super::scanner::Scanner;
use crate::names::Decision;

/// Bytes of a part's head, at most.
const HEAD: usize = 16 << 10;

/// Blanks behind a boundary, at most.
const BLANKS: usize = 64;

/// The state between two pieces.
#[derive(Debug)]
pub(super) struct Multipart {
    delimiter: Vec<u8>,
    part: Part,
}

#[derive(Debug)]
enum Part {
    /// A part's head comes next.
    Head,
    /// A part's content comes next: its type is known, its first bytes are not.
    Start(Vec<u8>),
    Content(Scanner),
    /// The content is a secret by its name.
    Secret {
        name: Vec<u8>,
    },
}

/// The next boundary in a piece.
enum Boundary {
    /// It begins at `start`, and what follows it at `behind`.
    At {
        start: usize,
        behind: usize,
        is_end: bool,
    },
    /// More will tell whether there is one.
    Maybe(usize),
    Nowhere,
}

impl Multipart {
    pub(super) fn new(boundary: &[u8]) -> Self {
        Self { delimiter: [b"--", boundary].concat(), part: Part::Content(Scanner::Text) }
    }

    /// Goes through a piece, and returns up to where.
    pub(super) fn scan<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        piece: &[u8],
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> usize {
        let mut at = 0;
        loop {
            if let Part::Head = self.part {
                match self.head(cx, (piece, at), last, found) {
                    Some(next) => at = next,
                    None => return at,
                }
            }
            let boundary = self.boundary(piece, at, last);
            let (end, is_over) = match &boundary {
                Boundary::At { start, .. } => (before_line_end(piece, (at, *start)), true),
                Boundary::Maybe(start) => (before_line_end(piece, (at, *start)), false),
                Boundary::Nowhere if last => (piece.len(), true),
                Boundary::Nowhere => (at.max(piece.len().saturating_sub(self.delimiter.len() + 2)), false),
            };
            let next = self.content(cx, (piece, at, end), is_over, found);
            let Boundary::At { behind, is_end, .. } = boundary else {
                return if last { piece.len() } else { next };
            };
            // Behind the last boundary, and before the first, there may be text.
            self.part = if is_end { Part::Content(Scanner::Text) } else { Part::Head };
            at = behind;
            if at == piece.len() && last {
                return at;
            }
        }
    }

    /// The first boundary from `from` on. On its line only blanks follow it (RFC 2046 §5.1.1).
    fn boundary(&self, piece: &[u8], from: usize, last: bool) -> Boundary {
        for found in memmem::find_iter(&piece[from..], &self.delimiter) {
            let (start, behind) = (from + found, from + found + self.delimiter.len());
            let rest = &piece[behind..];
            let blanks =
                rest.iter().take(BLANKS).take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
            match &rest[blanks..] {
                _ if rest.starts_with(b"--") => {
                    return Boundary::At { start, behind: behind + 2, is_end: true };
                }
                [b'\n', ..] => return Boundary::At { start, behind: behind + blanks + 1, is_end: false },
                [] if last && blanks < BLANKS => {
                    return Boundary::At { start, behind: behind + blanks, is_end: false };
                }
                [] if blanks < BLANKS => return Boundary::Maybe(start),
                [b'-'] if blanks == 0 && !last => return Boundary::Maybe(start),
                _ => {}
            }
        }
        Boundary::Nowhere
    }

    /// Reads a part's head, and returns where its content begins; `None` if more is needed.
    fn head<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        (piece, at): (&[u8], usize),
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> Option<usize> {
        let rest = &piece[at..];
        let empty = [&b"\r\n"[..], b"\n"].into_iter().find(|line| rest.starts_with(line));
        let ends = [&b"\r\n\r\n"[..], b"\n\n"].into_iter();
        let end = ends.filter_map(|end| memmem::find(rest, end).map(|at| at + end.len())).min();
        let length = match (empty, end) {
            (Some(line), _) => line.len(),
            (None, Some(end)) => end,
            (None, None) if last || rest.len() > HEAD => 0,
            (None, None) => return None,
        };
        let head = &rest[..length];
        if !head.is_empty() {
            let mut inner = Vec::new();
            cx.detect_apart(head, false, &mut inner);
            found.extend(inner.into_iter().map(|inner| shifted(inner, at)));
        }
        let content_type = field(head, b"content-type").unwrap_or_default().to_vec();
        let name = field(head, b"content-disposition").and_then(name);
        self.part = Part::Start(content_type);
        if let Some(name) = name {
            match super::form::decide(cx, &name) {
                Decision::Replace(_) => self.part = Part::Secret { name },
                Decision::Keep => self.part = Part::Content(Scanner::Opaque),
                Decision::Look => {}
            }
        }
        Some(at + length)
    }

    /// Goes through content up to `end`; `is_over`: no more comes of this part.
    fn content<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        (piece, at, end): (&[u8], usize, usize),
        is_over: bool,
        found: &mut Vec<Found<'s>>,
    ) -> usize {
        let end = end.max(at);
        let content = &piece[at..end];
        match &mut self.part {
            Part::Head => at,
            Part::Start(content_type) => {
                if content.len() < ENOUGH && !is_over {
                    return at;
                }
                self.part = Part::Content(Scanner::of(Kind::of(content_type, content)));
                self.content(cx, (piece, at, end), is_over, found)
            }
            Part::Secret { name } => {
                if !is_over {
                    return at;
                }
                if let Decision::Replace(treatment) = super::form::decide(cx, name)
                    && treatment.takes(content)
                {
                    let kind = Cow::Borrowed(treatment.kind);
                    found.push(Found { range: at..end, kind, how: treatment.how, form: Form::Bare });
                } else {
                    self.part = Part::Start(Vec::new());
                    return self.content(cx, (piece, at, end), is_over, found);
                }
                end
            }
            Part::Content(scanner) => {
                let mut inner = Vec::new();
                let used = scanner.scan(cx, content, is_over, &mut inner);
                found.extend(inner.into_iter().map(|inner| shifted(inner, at)));
                at + used
            }
        }
    }
}

/// Where content ends that begins at `from` and has a boundary at `start`, with whose line end it has nothing to do.
fn before_line_end(piece: &[u8], (from, start): (usize, usize)) -> usize {
    let content = &piece[from..start];
    let content = content.strip_suffix(b"\n").unwrap_or(content);
    from + content.strip_suffix(b"\r").unwrap_or(content).len()
}

fn shifted(found: Found<'_>, by: usize) -> Found<'_> {
    Found { range: found.range.start + by..found.range.end + by, ..found }
}

/// The value of a field in a part's head.
fn field<'h>(head: &'h [u8], name: &[u8]) -> Option<&'h [u8]> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        line[..colon].trim_ascii().eq_ignore_ascii_case(name).then(|| line[colon + 1..].trim_ascii())
    })
}

/// The field's name in a Content-Disposition.
fn name(disposition: &[u8]) -> Option<Vec<u8>> {
    let at = memmem::find_iter(disposition, b"name=")
        .find(|at| *at == 0 || !disposition[at - 1].is_ascii_alphabetic())?;
    let value = &disposition[at + b"name=".len()..];
    let value = match value.strip_prefix(b"\"") {
        Some(quoted) => &quoted[..memchr::memchr(b'"', quoted).unwrap_or(quoted.len())],
        None => value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii(),
    };
    Some(value.to_vec())
}
