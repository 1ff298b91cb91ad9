//! JSON, one or many documents: a scanner that goes on where the last piece ended. It builds nothing: it knows where it
//! is, and finds the values whose names or places say that they are secret.

mod plain;
mod silent;
mod strings;

use super::cx::{Cx, Form, Found};
use super::json_place::{Frame, Member};
use super::json_syntax::{self, Word, behind_white, prefix};
use super::text;

/// Documents are nested so deep, at most; below, nothing is known of names.
const DEEPEST: usize = 512;
/// Quotation marks as documents in strings of documents need them.
pub(super) const QUOTES: [&str; 4] = ["\"", "\\\"", "\\\\\\\"", "\\\\\\\\\\\\\\\""];

/// The state between two pieces.
#[derive(Debug, Default)]
pub(super) struct Json {
    frames: Vec<Frame>,
    member: Member,
    has_begun: bool,
    /// True if no JSON follows.
    is_text: bool,
    /// True if the rest of a string follows that is too long to be looked at as a whole.
    is_long: bool,
}

/// The outcome of a step.
enum Step {
    /// It goes on there.
    At(usize),
    /// More is needed.
    More,
    /// It is no JSON.
    Broken,
}

impl Json {
    /// Goes through a piece, and returns up to where it could. The rest comes again, with more behind it.
    pub(super) fn scan<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        piece: &[u8],
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> usize {
        let passed = self.go_through(cx, piece, last, found);
        // The next piece begins elsewhere.
        if !last {
            self.frames.iter_mut().for_each(|frame| frame.decide_pair(cx, piece));
        }
        passed
    }

    fn go_through<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        piece: &[u8],
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> usize {
        let mut at = 0;
        if !self.has_begun {
            at = prefix(piece);
            self.has_begun = true;
            self.member = Member::root(cx);
            if last && self.member.is_plain() && silent::is_silent(cx, piece) {
                return piece.len();
            }
        }
        while !self.is_text {
            let Some(byte) = piece.get(at) else { return at };
            let step = match byte {
                _ if self.is_long => self.long(cx, (piece, at), last, found),
                b' ' | b'\t' | b'\r' | b'\n' | 0x1e => Step::At(behind_white(piece, at + 1)),
                b'"' => match self.plain(cx, (piece, at), found) {
                    Some(next) => Step::At(next),
                    None => self.string(cx, (piece, at), last, found),
                },
                b'{' | b'[' => {
                    self.open(cx, *byte == b'{');
                    Step::At(at + 1)
                }
                b'}' | b']' => {
                    self.close(cx);
                    Step::At(at + 1)
                }
                b',' => {
                    self.comma();
                    Step::At(at + 1)
                }
                b':' => Step::At(at + 1),
                _ => match self.plain(cx, (piece, at), found) {
                    Some(next) => Step::At(next),
                    None => self.word(cx, (piece, at), last, found),
                },
            };
            match step {
                Step::At(next) => at = next,
                Step::More => return at,
                Step::Broken => self.is_text = true,
            }
        }
        text::scan(cx, piece, at, last, found)
    }

    fn open(&mut self, cx: &mut Cx<'_, '_>, is_object: bool) {
        self.element(cx);
        let root = Member::root(cx);
        let member = std::mem::replace(&mut self.member, root);
        if self.frames.len() < DEEPEST {
            self.frames.push(Frame::within(member, is_object));
            self.next();
        }
    }

    fn close(&mut self, cx: &Cx<'_, '_>) {
        self.frames.pop();
        self.member = Member::root(cx);
    }

    fn comma(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.index += 1;
            frame.expects_key = frame.is_object;
            self.next();
        }
    }

    /// An array's next element.
    fn next(&mut self) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| !frame.is_object) {
            frame.is_due = true;
        }
    }

    /// Decides about the value that comes next in an array: not before there is one.
    #[inline]
    fn element(&mut self, cx: &mut Cx<'_, '_>) {
        if let Some(frame) = self.frames.last_mut().filter(|frame| frame.is_due) {
            frame.is_due = false;
            let (position, decision) = cx.redactor.names.element(frame.position, frame.index);
            self.member = Member::of(position, decision, frame);
            if frame.index == 1
                && let Some(pair) = &frame.pair
            {
                self.member.secret.get_or_insert_with(|| pair.clone());
            }
            self.member.names_pair = frame.index == 0;
        }
    }

    /// A number or a literal.
    fn word<'s>(
        &mut self,
        cx: &mut Cx<'_, 's>,
        (piece, at): (&[u8], usize),
        last: bool,
        found: &mut Vec<Found<'s>>,
    ) -> Step {
        let Word { end, is_number } = json_syntax::word(piece, at);
        if end == piece.len() && !last {
            return if end - at > 400 { Step::Broken } else { Step::More };
        }
        let word = &piece[at..end];
        if !is_number {
            let is_literal = matches!(word, b"true" | b"false" | b"null");
            return if is_literal { Step::At(end) } else { Step::Broken };
        }
        self.element(cx);
        if self.member.secret.is_none() && end - at < 9 {
            return Step::At(end);
        }
        let quote = QUOTES[cx.depth.min(QUOTES.len() - 1)];
        if let Some((kind, how)) = self.member.secret(word) {
            found.push(Found { range: at..end, kind, how, form: Form::Number(quote) });
        } else if end - at >= 9 && !self.member.is_kept() {
            let before = found.len();
            cx.detect(piece, (at, end), self.member.is_id, found);
            found.truncate(found.len().min(before + 1));
            if let Some(found) = found.get_mut(before) {
                (found.range, found.form) = (at..end, Form::Number(quote));
            }
        }
        Step::At(end)
    }
}
