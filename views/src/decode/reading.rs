//! A body that is decoded in steps, as fast as it is asked for.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use dashcam_store::ReadError;
use tokio::task::spawn_blocking;

use super::arriving::{Latest, Mark, arriving, read_marked};
use super::codings;
use super::decoders::Decoders;
use super::dictionary::Lookup;
use super::layer::Layer;
use super::pace::Pace;
use super::plan::Plan;
use crate::payload::Parts;

/// The note on a body of which nothing is stored for the sake of secrets.
const WITHHELD: &str = "It is withheld: redaction could not read it, so that nothing of it is stored.";
/// Bytes of a step's outcome.
const STEP: u64 = 32 << 10;

/// A body under way. Dropping it stops the step that is under way as well.
pub(crate) struct Reading {
    decoders: Decoders,
    plan: Plan,
    pub(super) pace: Arc<Pace>,
    /// `None` while a step has it, and behind the end.
    decoder: Option<Decoder>,
    given: u64,
    /// When what was given came, where that is known, and nobody has asked for it yet.
    marks: Vec<Mark>,
    is_over: bool,
    error: Option<io::Error>,
}

/// The findings at the end of a body.
#[derive(Debug)]
pub(crate) struct End {
    /// Bytes that were decoded.
    pub(crate) decoded: u64,
    /// True if there is more of it.
    pub(crate) truncated: bool,
    /// True if it could not be decoded to its end.
    pub(crate) failed: bool,
    /// The part that was not decoded, and why.
    pub(crate) note: Option<String>,
}

impl Reading {
    /// Begins to decode.
    pub(crate) fn begin(decoders: &Decoders, parts: Parts, plan: Plan) -> Self {
        // Copying takes as long as the disk does.
        let time = if plan.codings.is_empty() { Duration::MAX } else { decoders.limits.time };
        Self::within(decoders, parts, plan, time)
    }

    /// Begins to read again what was decoded before in the time that it may take.
    pub(crate) fn again(decoders: &Decoders, parts: Parts, plan: Plan) -> Self {
        Self::within(decoders, parts, plan, Duration::MAX)
    }

    fn within(decoders: &Decoders, parts: Parts, plan: Plan, time: Duration) -> Self {
        let pace = Pace::new(time);
        let arrivals = parts.arrivals();
        let body: Layer = Box::new(parts.blocking(plan.wanted, Arc::clone(&pace)));
        let (body, latest) = match arrivals {
            Some(arrivals) => {
                let (body, latest) = arriving(body, arrivals, &pace);
                (body, Some(latest))
            }
            None => (body, None),
        };
        let decoder = Decoder {
            pace: Arc::clone(&pace),
            codings: plan.codings.clone(),
            most: decoders.limits.codings,
            body: Some((body, Lookup::new(&decoders.dictionaries, plan.place.clone()))),
            reader: Box::new(io::empty()),
            latest,
        };
        let decoders = decoders.clone();
        Self {
            decoders,
            plan,
            pace,
            decoder: Some(decoder),
            given: 0,
            marks: Vec::new(),
            is_over: false,
            error: None,
        }
    }

    /// The next bytes; `None` behind the last, where [`Reading::end`] says how it ended.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        let place = self.decoders.place().await;
        let Some(mut decoder) = self.decoder.take() else { return Ok(None) };
        let left = self.plan.limit - self.given;
        // One byte more than is wanted tells whether there is more.
        let most = STEP.min(left.saturating_add(1));
        let step = spawn_blocking(move || {
            let mut marks = Vec::new();
            let (bytes, ended) = decoder.step(most, &mut marks);
            drop(place);
            (decoder, (bytes, marks), ended)
        });
        let (decoder, (mut bytes, marks), ended) = step.await.unwrap_or_else(|error| {
            tracing::error!(%error, "decoding a body failed");
            let failed = io::Error::other("dashcam failed: its log says why");
            (Decoder::none(&self.pace), (Vec::new(), Vec::new()), Err(failed))
        });
        if let Some(error) = self.pace.take_failure() {
            return Err(error);
        }
        let is_last = (bytes.len() as u64) < most;
        self.is_over = bytes.len() as u64 > left;
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        let given = self.given;
        self.marks.extend(marks.into_iter().map(|mark| Mark { end: given + mark.end, ..mark }));
        self.given += bytes.len() as u64;
        if !is_last && !self.is_over && ended.is_ok() {
            self.decoder = Some(decoder);
        }
        self.error = ended.err();
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    /// When the bytes came that were given since this was asked for last; none where nobody knows.
    pub(crate) fn take_marks(&mut self) -> Vec<Mark> {
        std::mem::take(&mut self.marks)
    }

    /// How it ended.
    pub(crate) fn end(&self) -> End {
        let is_cut_off = !self.plan.is_whole;
        let failed = self.error.is_some();
        let is_coded = !self.plan.codings.is_empty();
        let has_all = if is_coded { self.plan.wants_all() } else { self.given >= self.plan.stored };
        End {
            decoded: self.given,
            truncated: self.is_over || is_cut_off || failed || !has_all,
            failed,
            note: match &self.error {
                Some(error) => self.note(error, is_cut_off),
                None if self.plan.is_withheld => Some(WITHHELD.to_owned()),
                None => self.note_behind(),
            },
        }
    }

    fn note_behind(&self) -> Option<String> {
        let encoding = self.plan.encoding().unwrap_or_default();
        match self.pace.behind() {
            0 => None,
            1 => Some(format!("One byte behind its {encoding} data is no part of it, and is not shown.")),
            more => {
                Some(format!("{more} bytes behind its {encoding} data are no part of it, and are not shown."))
            }
        }
    }

    fn note(&self, error: &io::Error, is_cut_off: bool) -> Option<String> {
        let encoding = self.plan.encoding().unwrap_or_default();
        match (self.pace.cut(), error.kind()) {
            (Some(cut), _) => Some(cut.to_string()),
            // No more was read, as more is not wanted.
            (None, io::ErrorKind::UnexpectedEof) if !self.plan.wants_all() => None,
            // Its rest has not come yet.
            (None, io::ErrorKind::UnexpectedEof) if self.plan.goes_on => None,
            (None, io::ErrorKind::UnexpectedEof) if is_cut_off => {
                Some("It is shown as far as its stored bytes go.".to_owned())
            }
            (None, io::ErrorKind::UnexpectedEof) => {
                Some(format!("Content-Encoding says {encoding}, but its data ends too early."))
            }
            (None, _) => {
                Some(format!("Content-Encoding says {encoding}, but it cannot be decoded: {error}."))
            }
        }
    }

    /// Returns whether it failed for no other reason than that not all of it is stored.
    pub(crate) fn is_only_cut(&self) -> bool {
        let is_eof = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
        !self.plan.is_whole && self.pace.cut().is_none() && self.error.as_ref().is_some_and(is_eof)
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.pace.leave();
    }
}

/// The layers of readers.
struct Decoder {
    pace: Arc<Pace>,
    codings: Vec<String>,
    most: usize,
    /// The stored bytes, until the first step, and the way to the dictionaries that they may need.
    body: Option<(Layer, Lookup)>,
    reader: Layer,
    /// When the last of the stored bytes came that were read, where somebody asks for that.
    latest: Option<Arc<Latest>>,
}

impl Decoder {
    fn none(pace: &Arc<Pace>) -> Self {
        let (pace, reader) = (Arc::clone(pace), Box::new(io::empty()));
        Self { pace, codings: Vec::new(), most: 0, body: None, reader, latest: None }
    }

    /// At most `most` further bytes, fewer only at the end; what came before an error comes with it. `marks` gets when they
    /// came, where that is known.
    fn step(&mut self, most: u64, marks: &mut Vec<Mark>) -> (Vec<u8>, io::Result<()>) {
        let room = usize::try_from(most).unwrap_or_default();
        let mut bytes = Vec::with_capacity(room);
        self.pace.begin();
        let read = self.open().and_then(|()| match &self.latest {
            Some(latest) => read_marked(&mut self.reader, latest, room, (&mut bytes, marks)),
            None => self.reader.by_ref().take(most).read_to_end(&mut bytes).map(drop),
        });
        self.pace.end();
        (bytes, read)
    }

    fn open(&mut self) -> io::Result<()> {
        if let Some((body, lookup)) = self.body.take() {
            self.reader = codings::undo(&self.codings, self.most, (body, &lookup), &self.pace)?;
        }
        Ok(())
    }
}
