//! A body to its end, content codings undone, piece by piece.

use dashcam_exchange::{Direction, Exchange};
use dashcam_store::ReadError;
use encoding_rs::{Encoding, UTF_8};

use crate::decode::{Decoders, Mark, Plan, Reading, Writer};
use crate::payload::Parts;

/// A body that is being decoded.
pub struct Decoded {
    reading: Reading,
    first: Option<Vec<u8>>,
    undecodable: Option<String>,
}

impl Decoded {
    /// Begins with the first piece of one of an exchange's bodies, of which `parts` are the kept bytes. If nothing can be
    /// decoded, the pieces are those that are stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn begin(
        parts: &Parts,
        decoders: &Decoders,
        (exchange, direction): (&Exchange, Direction),
    ) -> Result<Self, ReadError> {
        Self::of_plan(parts, decoders, Plan::of(exchange, direction, u64::MAX)).await
    }

    /// Begins with the first piece of what `plan` says how to decode.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn of_plan(parts: &Parts, decoders: &Decoders, plan: Plan) -> Result<Self, ReadError> {
        let plan = plan.of_unsealed(parts.is_unsealed());
        let mut reading = Reading::begin(decoders, parts.clone(), plan.clone());
        let first = reading.next().await?;
        if first.is_some() || !reading.end().failed || reading.is_only_cut() {
            return Ok(Self { reading, first, undecodable: None });
        }
        let undecodable = reading.end().note;
        let reading = Reading::begin(decoders, parts.clone(), plan.as_stored());
        Ok(Self { reading, first: None, undecodable })
    }

    /// The next bytes; `None` behind the last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        match self.first.take() {
            Some(first) => Ok(Some(first)),
            None => self.reading.next().await,
        }
    }

    /// When the bytes came that [`Decoded::next`] gave since this was asked for last; none where nobody knows.
    pub(super) fn take_marks(&mut self) -> Vec<Mark> {
        self.reading.take_marks()
    }

    /// The reason why its codings can't be undone at all, if they can't.
    #[must_use]
    pub fn undecodable(&self) -> Option<&str> {
        self.undecodable.as_deref()
    }

    /// Behind the last piece: the part that was not decoded, and why.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        self.undecodable.clone().or_else(|| self.reading.end().note)
    }

    /// Behind the last piece: returns whether decoding failed before the end of what is stored.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.undecodable.is_some() || self.reading.end().failed && !self.reading.is_only_cut()
    }

    /// Behind the last piece: returns whether there is more of the body.
    pub(super) fn is_truncated(&self) -> bool {
        self.undecodable.is_some() || self.reading.end().truncated
    }

    /// The same as text in `charset`.
    #[must_use]
    pub fn into_text(self, charset: &str) -> DecodedText {
        let encoding = Encoding::for_label(charset.as_bytes()).unwrap_or(UTF_8);
        DecodedText { decoded: self, writer: Some(Writer::new(encoding)) }
    }
}

/// A body that is being decoded, as text.
pub struct DecodedText {
    decoded: Decoded,
    /// `None` behind the end.
    writer: Option<Writer>,
}

impl DecodedText {
    /// The next text; `None` behind the last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next(&mut self) -> Result<Option<String>, ReadError> {
        let Some(writer) = &mut self.writer else { return Ok(None) };
        if let Some(bytes) = self.decoded.next().await? {
            return Ok(Some(writer.push(&bytes, false)));
        }
        // A character that a cut went through is left out.
        let rest = writer.push(&[], !self.decoded.reading.end().truncated);
        self.writer = None;
        Ok(Some(rest))
    }

    /// Behind the last piece: the part that was not decoded, and why.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        self.decoded.note()
    }
}
