//! A request's body, read from the client's connection while it is passed on.

use std::task::{Context, Poll, ready};

use dashcam_exchange::{Failure, Side, Stage};
use tokio::sync::oneshot;

use crate::body::{Frame, FrameSource, ReadTimeout};
use crate::h1::decoder::{BadBody, Decoded, Decoder};
use crate::h1::framing::Framing;
use crate::h1::reader;
use crate::h1::reader::Reader;

/// Holds the connection's reading half as long as the body lasts, then gives it back.
pub(crate) struct RequestBody {
    reader: Option<Reader>,
    decoder: Decoder,
    length: Option<u64>,
    give_back: Option<oneshot::Sender<GivenBack>>,
    /// The connection ended inside the body.
    cut: bool,
    /// How long it is waited for.
    waiting: ReadTimeout,
}

/// The reading half after a body.
pub(crate) struct GivenBack {
    pub(crate) reader: Reader,
    /// True if the body was read to its end, so that the next request follows.
    pub(crate) clean: bool,
}

impl RequestBody {
    pub(crate) fn new(reader: Reader, framing: Framing) -> (Self, oneshot::Receiver<GivenBack>) {
        let (give_back, given_back) = oneshot::channel();
        let length = match framing {
            Framing::None => Some(0),
            Framing::Length(length) => Some(length),
            Framing::Chunked | Framing::UntilClose => None,
        };
        let body = Self {
            reader: Some(reader),
            decoder: framing.into(),
            length,
            give_back: Some(give_back),
            cut: false,
            waiting: ReadTimeout::default(),
        };
        (body, given_back)
    }

    fn cut(&mut self, message: String) -> Poll<Option<Result<Frame, Failure>>> {
        self.cut = true;
        self.fail(message)
    }

    fn fail(&mut self, message: String) -> Poll<Option<Result<Frame, Failure>>> {
        self.give_back();
        Poll::Ready(Some(Err(Failure::new(Side::Client, Stage::RequestBody, message))))
    }

    fn give_back(&mut self) {
        if let (Some(reader), Some(give_back)) = (self.reader.take(), self.give_back.take()) {
            // An error means that the connection is gone, and the reading half with it.
            let _ = give_back.send(GivenBack { reader, clean: self.decoder.is_done() });
        }
    }
}

impl FrameSource for RequestBody {
    fn length(&self) -> Option<u64> {
        self.length
    }

    /// Returns whether the client went away inside the body.
    fn was_cut(&self) -> bool {
        self.cut
    }

    /// Returns whether nothing more comes: the body was read to its end.
    fn is_over(&self) -> bool {
        self.reader.is_none() && self.decoder.is_done()
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, Failure>>> {
        loop {
            let Some(reader) = &mut self.reader else { return Poll::Ready(None) };
            match self.decoder.decode(&mut reader.buffer) {
                Ok(Decoded::Data(data)) => {
                    if self.decoder.is_done() {
                        self.give_back();
                    }
                    return Poll::Ready(Some(Ok(Frame::Data(data))));
                }
                Ok(Decoded::End(trailers)) => {
                    self.give_back();
                    return Poll::Ready(trailers.map(|trailers| Ok(Frame::Trailers(trailers))));
                }
                Ok(Decoded::Starved) => {}
                Err(error) => return self.fail(error.to_string()),
            }
            match reader.poll_fill(cx) {
                Poll::Ready(Ok(0)) => return self.cut(BadBody::Cut.to_string()),
                Poll::Ready(Ok(bytes)) => self.waiting.came(bytes),
                Poll::Ready(Err(error)) => {
                    return self.cut(format!("the client's connection broke: {error}"));
                }
                Poll::Pending => {
                    let failure = ready!(self.waiting.poll(&mut reader.deadline, cx));
                    self.give_back();
                    return Poll::Ready(Some(Err(failure)));
                }
            }
        }
    }

    fn stage(&self) -> Stage {
        Stage::RequestBody
    }

    fn waiting(&mut self) -> &mut ReadTimeout {
        &mut self.waiting
    }

    fn hold(&mut self, piece: usize, _: &mut Context<'_>) -> (usize, usize) {
        // Of whatever size it is, it lies in what was read at once.
        (0, piece.max(reader::MOST))
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        self.give_back();
    }
}
