//! A body on its way: a stream of frames that a tap copies while it passes.

mod guaranteed;
mod observed;
mod read_timeout;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use dashcam_exchange::{Failure, Headers, Side, Stage};
use dashcam_recorder::BodyTap;
use tokio::sync::oneshot;

pub(crate) use observed::Metered;
pub(crate) use read_timeout::ReadTimeout;

use crate::body::guaranteed::Guaranteed;
use crate::body::observed::ObservedBody;
use crate::config::Config;
use crate::grpc;
use crate::meter::Count;
use crate::net::limited::Limited;
use crate::net::stream_end::StreamEnd;
use crate::net::transit::Backlog;

/// A part of a body.
#[derive(Debug)]
pub(crate) enum Frame {
    /// Bytes; never empty.
    Data(Bytes),
    /// Trailers; the last frame.
    Trailers(Headers),
}

/// A body. It ends with `None`, or with the failure that cut it short.
pub(crate) struct Body {
    source: Source,
    ended: bool,
    /// Boxed: a body that nobody watches is moved from hand to hand many times.
    watch: Option<Box<Watch>>,
}

/// The observers of a body.
struct Watch {
    observed: ObservedBody,
    /// Reads the gRPC messages in it.
    messages: Option<grpc::Reader>,
    /// Told when the body has passed to its end.
    whole: Option<oneshot::Sender<()>>,
    /// The waits of a body that must be recorded.
    guaranteed: Option<Box<Guaranteed>>,
}

enum Source {
    Empty,
    Bytes(Bytes),
    Frames(Box<dyn FrameSource>),
}

/// A connection, as far as a body comes over it.
pub(crate) trait FrameSource: Send {
    /// The next frame. Nothing is lost when the caller stops waiting.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, Failure>>>;
    /// How many bytes are to come, when that is known.
    fn length(&self) -> Option<u64>;
    /// True once nothing more comes.
    fn is_over(&self) -> bool;
    /// Whose body it is, as a stage at which an exchange fails.
    fn stage(&self) -> Stage;
    /// How long it is waited for.
    fn waiting(&mut self) -> &mut ReadTimeout;
    /// Bytes that are held while a piece of `piece` bytes waits for its taker: those that came just now, and all.
    fn hold(&mut self, piece: usize, cx: &mut Context<'_>) -> (usize, usize);
    /// True if the client went away inside it.
    fn was_cut(&self) -> bool {
        false
    }
    /// True if the end of its connection is the body's end.
    fn is_until_close(&self) -> bool {
        false
    }
    /// The end of the upstream's connection, once that has ended the body or cut it short.
    fn connection_end(&self) -> Option<StreamEnd> {
        None
    }
    /// The error that an HTTP/2 stream which carried it was reset with.
    fn reset_reason(&self) -> Option<h2::Reason> {
        None
    }
}

impl Source {
    /// The next frame, seen by nobody.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, Failure>>> {
        match self {
            Self::Empty => Poll::Ready(None),
            Self::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = Self::Empty;
                Poll::Ready(Some(Ok(Frame::Data(bytes))))
            }
            Self::Frames(frames) => frames.poll_frame(cx),
        }
    }
}

impl Body {
    /// A body that comes from `source`.
    pub(crate) fn new(source: impl FrameSource + 'static) -> Self {
        Self::of(Source::Frames(Box::new(source)))
    }

    pub(crate) fn empty() -> Self {
        Self::of(Source::Empty)
    }

    pub(crate) fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self::of(if bytes.is_empty() { Source::Empty } else { Source::Bytes(bytes) })
    }

    fn of(source: Source) -> Self {
        Self { source, ended: false, watch: None }
    }

    /// Where frames are still to come from.
    fn frames(&self) -> Option<&dyn FrameSource> {
        match &self.source {
            Source::Frames(frames) => Some(&**frames),
            Source::Empty | Source::Bytes(_) => None,
        }
    }

    /// Lets `tap` observe the body. An empty body ends at once.
    pub(crate) fn tapped(mut self, tap: Option<BodyTap>) -> Self {
        if self.is_empty() {
            tap.into_iter().for_each(|mut tap| tap.end(None));
            self.end(None);
        } else if let Some(tap) = tap {
            self.watch().observed.tap = Some(tap);
        }
        self
    }

    fn watch(&mut self) -> &mut Watch {
        let (announced, ended) = (self.length(), self.ended);
        self.watch.get_or_insert_with(|| {
            let observed = ObservedBody::new(announced, ended);
            Box::new(Watch { observed, messages: None, whole: None, guaranteed: None })
        })
    }

    /// Lets `messages` read the body.
    pub(crate) fn read_by(mut self, messages: Option<grpc::Reader>) -> Self {
        if let Some(messages) = messages.filter(|_| !self.is_empty()) {
            self.watch().messages = Some(messages);
        }
        self
    }

    /// Lets `meter` count the body, from its first byte on.
    pub(crate) fn metered(mut self, meter: Option<Metered>) -> Self {
        if meter.is_some() {
            self.watch().observed.meter = meter;
        }
        self
    }

    /// The count of the exchange as a whole, if that ends with this body.
    pub(crate) fn count(&mut self) -> Option<&mut Count> {
        self.watch.as_mut().and_then(|watch| watch.observed.count())
    }

    /// Lets the body fail as `side`'s when it does not come in time.
    pub(crate) fn limited(mut self, config: &Config, side: Side, limited: &Arc<Limited>) -> Self {
        let is_known = self.length().is_some();
        // What is here already is not waited for.
        if let Source::Frames(frames) = &mut self.source {
            *frames.waiting() = ReadTimeout::new((&config.timeouts, &config.limits), side, is_known, limited);
        }
        self
    }

    /// Notes in `backlog` the bytes that are held while a piece of `piece` bytes waits for its taker. Frames
    /// that come meanwhile are taken over from the h2 crate: it bounds them only by the connection's window,
    /// and does not report how much it holds.
    ///
    /// # Errors
    /// When there is no room for it: the body has failed.
    pub(crate) fn wait(
        &mut self,
        backlog: &mut Backlog,
        piece: usize,
        cx: &mut Context<'_>,
    ) -> Result<(), Failure> {
        let stage = self.stage();
        let (more, all) = match &mut self.source {
            Source::Frames(frames) => frames.hold(piece, cx),
            Source::Empty | Source::Bytes(_) => (0, piece),
        };
        backlog.grow(all, more).map_err(|no_room| {
            let failure = no_room.failure(stage);
            self.break_off(failure.clone());
            failure
        })
    }

    /// Ends the body by a failure that is not its own.
    pub(crate) fn break_off(&mut self, failure: Failure) {
        self.observe(Some(&Err(failure)));
    }

    /// A receiver that hears when the body has passed to its end; at once if there is none.
    pub(crate) fn when_whole(&mut self) -> oneshot::Receiver<()> {
        let (whole, told) = oneshot::channel();
        if self.ended || self.is_empty() {
            // Who does not wait for it is not told.
            let _ = whole.send(());
        } else {
            self.watch().whole = Some(whole);
        }
        told
    }

    /// Returns whether there surely are no bytes and no trailers.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.source, Source::Empty)
    }

    /// How many bytes are to come, when that is known.
    pub(crate) fn length(&self) -> Option<u64> {
        match &self.source {
            Source::Empty => Some(0),
            Source::Bytes(bytes) => Some(bytes.len() as u64),
            Source::Frames(frames) => frames.length(),
        }
    }

    /// Returns whether nothing more comes; if so, the body has ended, and its observers are told.
    pub(crate) fn ends_here(&mut self) -> bool {
        let over = (self.ended || self.is_over()) && !self.guarantee().is_some_and(Guaranteed::withholds_end);
        if over && !self.ended {
            self.end(None);
        }
        over
    }

    /// Returns whether nothing more comes from where it comes from.
    fn is_over(&self) -> bool {
        match &self.source {
            Source::Empty => true,
            Source::Bytes(bytes) => bytes.is_empty(),
            Source::Frames(frames) => frames.is_over(),
        }
    }

    /// Whose body it is, as a stage at which an exchange fails.
    fn stage(&self) -> Stage {
        self.frames().map_or(Stage::ResponseBody, FrameSource::stage)
    }

    /// Returns whether the end of the upstream's connection is the body's end.
    pub(crate) fn is_until_close(&self) -> bool {
        self.frames().is_some_and(FrameSource::is_until_close)
    }

    /// The end of the upstream's connection, once that has ended the body or cut it short.
    pub(crate) fn connection_end(&self) -> Option<StreamEnd> {
        self.frames().and_then(FrameSource::connection_end)
    }

    /// The error that an HTTP/2 stream which carried the body was reset with.
    pub(crate) fn reset_reason(&self) -> Option<h2::Reason> {
        self.frames().and_then(FrameSource::reset_reason)
    }

    pub(crate) async fn frame(&mut self) -> Option<Result<Frame, Failure>> {
        poll_fn(|cx| self.poll_frame(cx)).await
    }

    /// The next frame. Nothing is lost when the caller stops waiting.
    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, Failure>>> {
        if self.guarantee().is_some() {
            return self.poll_guaranteed(cx);
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let frame = match &mut self.source {
            Source::Empty => Poll::Ready(None),
            Source::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                self.source = Source::Empty;
                let frame = Some(Ok(Frame::Data(bytes)));
                self.observe(frame.as_ref());
                // A taker that knows the length does not ask for the end.
                self.end(None);
                return Poll::Ready(frame);
            }
            Source::Frames(frames) => frames.poll_frame(cx),
        };
        let frame = ready!(frame);
        self.observe(frame.as_ref());
        Poll::Ready(frame)
    }

    fn observe(&mut self, frame: Option<&Result<Frame, Failure>>) {
        match frame {
            Some(Ok(Frame::Data(bytes))) => {
                let Some(watch) = &mut self.watch else { return };
                watch.observed.data(bytes);
                if let Some(messages) = &mut watch.messages {
                    messages.read(bytes);
                }
            }
            Some(Ok(Frame::Trailers(trailers))) => self.end(Some(trailers)),
            Some(Err(failure)) => {
                self.ended = true;
                self.note_connection_end();
                let was_cut = self.frames().is_some_and(FrameSource::was_cut);
                let Some(Watch { observed, .. }) = self.watch.as_deref_mut() else { return };
                if was_cut { observed.abort(failure) } else { observed.fail(failure) }
            }
            None => {
                self.note_connection_end();
                self.end(None);
            }
        }
    }

    fn note_connection_end(&mut self) {
        let Some(end) = self.connection_end() else { return };
        if let Some(watch) = &mut self.watch {
            watch.observed.connection_ended(end);
        }
    }

    fn end(&mut self, trailers: Option<&Headers>) {
        self.ended = true;
        let Some(watch) = &mut self.watch else { return };
        watch.observed.complete(trailers);
        if let Some(whole) = watch.whole.take() {
            // Who does not wait for it is not told.
            let _ = whole.send(());
        }
    }
}
