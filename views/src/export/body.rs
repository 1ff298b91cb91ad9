//! A body in an exported file: decoded, a JSON string of text or else of base64, written while it is read.

use dashcam_exchange::{Direction, Exchange};
use dashcam_store::ReadError;

use super::format::{LARGEST_BODY, Source};
use crate::decode::{Plan, Reading, Scanned, Writer, scan};
use crate::payload::Parts;
use crate::pen::{Base64, Pen};

/// Decoded bytes of a body that are held between looking at it and writing it. A larger one is read twice.
const HELD: u64 = 1 << 20;

/// A body that was looked at, and can be written.
pub(super) struct Body<'a> {
    source: &'a Source,
    parts: Parts,
    scanned: Scanned,
}

impl<'a> Body<'a> {
    /// Looks at one of an exchange's bodies, of which something is stored.
    pub(super) async fn scan(
        source: &'a Source,
        exchange: &Exchange,
        direction: Direction,
    ) -> Result<Self, ReadError> {
        let parts =
            Parts::of_body(&source.reader, exchange.id, direction).unsealed(source.unsealer_of(exchange));
        let plan = Plan::of(exchange, direction, LARGEST_BODY);
        let scanned = scan(&source.decoders, &parts, plan, HELD).await?;
        Ok(Self { source, parts, scanned })
    }

    /// Returns whether it is written as text.
    pub(super) fn is_text(&self) -> bool {
        self.scanned.encoding.is_some()
    }

    /// Its decoded bytes, if they are few enough to be held.
    pub(super) fn held(&self) -> Option<&[u8]> {
        self.scanned.is_held.then_some(&self.scanned.bytes)
    }

    /// Its decoded size; `None` for the part of it that was decoded.
    pub(super) fn whole_size(&self) -> Option<u64> {
        (!self.scanned.truncated).then_some(self.scanned.size)
    }

    /// Its decoded size, or that of the part of it that was decoded.
    pub(super) fn size(&self) -> u64 {
        self.scanned.size
    }

    /// Returns whether it came with a content coding.
    pub(super) fn is_coded(&self) -> bool {
        self.scanned.plan.encoding().is_some()
    }

    /// Writes it as a JSON string; returns what is to be said of a part that is missing.
    pub(super) async fn write(&self, pen: &mut Pen) -> Result<Option<String>, ReadError> {
        let Self { source, parts, scanned } = self;
        pen.raw("\"");
        let mut form = Form::of(scanned);
        let mut written = scanned.bytes.len() as u64;
        if scanned.is_held {
            pen.text(&form.push(&scanned.bytes));
        } else {
            let mut reading = Reading::again(&source.decoders, parts.clone(), scanned.plan.clone());
            while let Some(piece) = reading.next().await? {
                written += piece.len() as u64;
                pen.text(&form.push(&piece));
                pen.turn().await;
            }
        }
        pen.text(&form.end(!scanned.truncated));
        pen.raw("\"");
        Ok(comment(scanned, written < scanned.plan.limit()))
    }
}

fn comment(scanned: &Scanned, is_gone: bool) -> Option<String> {
    if is_gone {
        return Some("The exchange was deleted while this was written: its body ends too early.".to_owned());
    }
    let cut = || match scanned.plan.limit() {
        LARGEST_BODY => {
            format!("Only the first {} MiB are here; dashcam has what else is stored.", LARGEST_BODY >> 20)
        }
        _ => "This is not the whole body.".to_owned(),
    };
    scanned.note.clone().or_else(|| scanned.truncated.then(cut))
}

/// How a body stands in a JSON string.
enum Form {
    Text(Writer),
    Base64(Base64),
}

impl Form {
    fn of(scanned: &Scanned) -> Self {
        scanned.encoding.map_or(Self::Base64(Base64::default()), |encoding| Self::Text(Writer::new(encoding)))
    }

    fn push(&mut self, piece: &[u8]) -> String {
        match self {
            Self::Text(writer) => writer.push(piece, false),
            Self::Base64(base64) => base64.push(piece),
        }
    }

    /// The rest of the text. If it is not `whole`, a character that a cut went through is left out.
    fn end(self, whole: bool) -> String {
        match self {
            Self::Text(mut writer) => writer.push(&[], whole),
            Self::Base64(base64) => base64.end(),
        }
    }
}
