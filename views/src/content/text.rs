//! Text, in the charset in which a browser would read it.

use super::budget::Budget;
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::decode::{Scanned, Writer};
use crate::dto::shown::{Language, Shown};

/// Bytes that become text at once: room for them is taken for the worst of charsets.
const PIECE: usize = 32 << 10;

/// Shows all that is text as it is, whatever its head calls it.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "text", title: "Text", kind: "text", fits, show };

fn fits(subject: &Subject) -> Option<Fit> {
    subject.text.as_ref().filter(|_| !subject.bytes.is_empty()).map(|_| Fit::Always)
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let text = subject.text.clone()?;
    budget.take(0).then(|| Shown::text(Language::Plain, text))
}

/// The text that a body is; `None` if it is none.
pub(super) fn text(body: &Scanned) -> Option<String> {
    let (mut writer, mut text) = (Writer::new(body.encoding?), String::with_capacity(body.bytes.len()));
    body.bytes.chunks(PIECE).for_each(|piece| text.push_str(&writer.push(piece, false)));
    // A character that the cut went through is left out: that is what no piece being the last does.
    Some(text + &writer.push(&[], !body.truncated))
}
