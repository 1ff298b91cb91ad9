//! A response's body, read from the upstream's connection while the rest of the request is still written.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use dashcam_exchange::{Failure, Side, Stage};

use super::Key;
use super::connect::Facts;
use super::h1::{Connection, Uploading};
use crate::body::{Body, Frame};
use crate::engine::Engine;
use crate::http::h1::decoder::{BadBody, Decoded, Decoder};
use crate::http::h1::framing::Framing;
use crate::http::h1::reader::Reader;
use crate::http::h1::writer::WriteError;

/// Holds the upstream's connection as long as the body lasts; then it is kept for the next request.
pub(crate) struct ResponseBody {
    parts: Option<Parts>,
    decoder: Decoder,
    length: Option<u64>,
}

struct Parts {
    reader: Reader,
    upload: Uploading,
    facts: Facts,
    /// Where the connection is kept afterwards; `None` if it can't be.
    home: Option<(Arc<Engine>, Key)>,
}

impl ResponseBody {
    pub(super) fn new(
        reader: Reader,
        framing: Framing,
        upload: Uploading,
        facts: Facts,
        home: Option<(Arc<Engine>, Key)>,
    ) -> Self {
        let length = match framing {
            Framing::None => Some(0),
            Framing::Length(length) => Some(length),
            Framing::Chunked | Framing::UntilClose => None,
        };
        Self { parts: Some(Parts { reader, upload, facts, home }), decoder: framing.into(), length }
    }

    /// For a response without a body: lets go of the connection.
    pub(super) fn finish_empty(mut self) -> Body {
        self.keep();
        Body::empty()
    }

    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// Whether nothing more comes: the body was read to its end.
    pub(crate) fn is_over(&self) -> bool {
        self.parts.is_none() && self.decoder.is_done()
    }

    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, Failure>>> {
        loop {
            let Some(parts) = &mut self.parts else { return Poll::Ready(None) };
            // An upstream that has answered may stop reading; a client that stops sending is gone.
            while let Poll::Ready(progress) = parts.upload.poll_progress(cx) {
                if let Err(WriteError::Source(failure)) = progress {
                    self.parts = None;
                    return Poll::Ready(Some(Err(failure)));
                }
            }
            match self.decoder.decode(&mut parts.reader.buffer) {
                Ok(Decoded::Data(data)) => {
                    if self.decoder.is_done() {
                        self.keep();
                    }
                    return Poll::Ready(Some(Ok(Frame::Data(data))));
                }
                Ok(Decoded::End(trailers)) => {
                    self.keep();
                    return Poll::Ready(trailers.map(|trailers| Ok(Frame::Trailers(trailers))));
                }
                Ok(Decoded::Starved) => {}
                Err(error) => return self.fail(&error),
            }
            match ready!(parts.reader.poll_fill(cx)) {
                Ok(0) => match self.decoder.at_eof() {
                    Ok(_) => {
                        self.parts = None;
                        return Poll::Ready(None);
                    }
                    Err(error) => return self.fail(&error),
                },
                Ok(_) => {}
                // Many servers leave TLS without a farewell; where the length is known that does no harm.
                Err(error) => return self.fail(&error),
            }
        }
    }

    fn fail(&mut self, why: &dyn std::fmt::Display) -> Poll<Option<Result<Frame, Failure>>> {
        self.parts = None;
        let cut = BadBody::Cut.to_string();
        let why = why.to_string();
        let message = if why == cut {
            format!("The response is cut short: {why}.")
        } else {
            format!("The response broke off: {why}.")
        };
        Poll::Ready(Some(Err(Failure::new(Side::Upstream, Stage::ResponseBody, message))))
    }

    /// Keeps the connection if both request and response went through it whole.
    fn keep(&mut self) {
        let Some(Parts { reader, upload, facts, home }) = self.parts.take() else { return };
        if let (Some((engine, key)), Uploading::Done(writer)) = (home, upload)
            && reader.buffer.is_empty()
        {
            engine.upstreams.put(&key, Connection { reader, writer, facts });
        }
    }
}
