//! A response's body, read from the upstream's connection while the rest of the request is still written.

use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use dashcam_exchange::{Failure, Side, Stage};

use crate::body::{Frame, FrameSource, ReadTimeout};
use crate::h1::decoder::{Decoded, Decoder};
use crate::h1::framing::Framing;
use crate::h1::reader;
use crate::h1::reader::Reader;
use crate::h1::writer::{WriteError, Writer};
use crate::net::stream_end::StreamEnd;
use crate::upstream::group::{OpenGuard, PoolGroup};
use crate::upstream::h1::connection::Connection;
use crate::upstream::h1::upload::Uploading;
use crate::upstream::record::UpstreamRecord;
use crate::upstream::upstreams::Upstreams;

/// Holds the upstream's connection as long as the body lasts; then it is kept for the next request.
pub(crate) struct ResponseBody {
    parts: Option<Parts>,
    decoder: Decoder,
    length: Option<u64>,
    is_until_close: bool,
    /// True once what came was acknowledged ahead of the rest.
    acknowledged: bool,
    /// The end of the connection, once that has ended the body or cut it short.
    end: Option<StreamEnd>,
    /// How long it is waited for.
    waiting: ReadTimeout,
}

struct Parts {
    reader: Reader,
    upload: Uploading,
    facts: UpstreamRecord,
    home: Home,
}

/// Where the connection is kept afterwards, if it can be.
pub(in crate::upstream) struct Home {
    pub(in crate::upstream) upstreams: Arc<Upstreams>,
    pub(in crate::upstream) place: Arc<PoolGroup>,
    pub(in crate::upstream) share: OpenGuard,
    pub(in crate::upstream) reusable: bool,
}

impl ResponseBody {
    pub(in crate::upstream) fn new(
        reader: Reader,
        framing: Framing,
        upload: Uploading,
        facts: UpstreamRecord,
        home: Home,
    ) -> Self {
        let length = match framing {
            Framing::None => Some(0),
            Framing::Length(length) => Some(length),
            Framing::Chunked | Framing::UntilClose => None,
        };
        Self {
            parts: Some(Parts { reader, upload, facts, home }),
            decoder: framing.into(),
            length,
            is_until_close: framing == Framing::UntilClose,
            acknowledged: false,
            end: None,
            waiting: ReadTimeout::default(),
        }
    }

    /// For a response of which nothing more comes: lets go of the connection.
    pub(in crate::upstream) fn let_go(mut self) {
        self.keep();
    }

    fn fail(&mut self, why: &dyn std::fmt::Display) -> Poll<Option<Result<Frame, Failure>>> {
        self.failed(format!("The response broke off: {why}."))
    }

    fn failed(&mut self, message: String) -> Poll<Option<Result<Frame, Failure>>> {
        self.parts = None;
        Poll::Ready(Some(Err(Failure::new(Side::Upstream, Stage::ResponseBody, message))))
    }

    /// The upstream ended the connection: that is the body's end, or cuts it short. Many servers leave TLS without
    /// announcing it; clients take the one for the other, and so it is passed on as it is.
    fn ended(&mut self, end: StreamEnd) -> Poll<Option<Result<Frame, Failure>>> {
        self.end = Some(end);
        match self.decoder.at_eof() {
            Ok(_) => {
                self.parts = None;
                Poll::Ready(None)
            }
            Err(why) => self.failed(format!("The response is cut short: {why}.")),
        }
    }

    /// Keeps the connection if both request and response went through it whole. What is left of a request
    /// that was answered early still goes to the upstream.
    fn keep(&mut self) {
        let Some(Parts { reader, mut upload, facts, home }) = self.parts.take() else { return };
        // It may be all written, and was not asked since.
        let _ = upload.poll_progress(&mut Context::from_waker(Waker::noop()));
        match upload {
            Uploading::Done(writer) => home.keep(reader, writer, facts),
            Uploading::Head(_) | Uploading::Running(_) | Uploading::Apart(_) => {
                let tasks = home.upstreams.context.tasks.clone();
                tasks.spawn(rest_of_request(upload, reader, facts, home));
            }
            Uploading::Broken => {}
        }
    }
}

impl FrameSource for ResponseBody {
    fn length(&self) -> Option<u64> {
        self.length
    }

    fn is_until_close(&self) -> bool {
        self.is_until_close
    }

    fn connection_end(&self) -> Option<StreamEnd> {
        self.end
    }

    /// Returns whether nothing more comes: the body was read to its end.
    fn is_over(&self) -> bool {
        self.parts.is_none() && self.decoder.is_done()
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, Failure>>> {
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
            let Poll::Ready(filled) = parts.reader.poll_fill(cx) else {
                if !std::mem::replace(&mut self.acknowledged, true) {
                    parts.reader.half.acknowledge();
                }
                let failure = ready!(self.waiting.poll(&mut parts.reader.deadline, cx));
                self.parts = None;
                return Poll::Ready(Some(Err(failure)));
            };
            if let Some(end) = parts.reader.half.end(&filled) {
                return self.ended(end);
            }
            match filled {
                Ok(bytes) => self.waiting.came(bytes),
                Err(error) => return self.fail(&error),
            }
        }
    }

    fn stage(&self) -> Stage {
        Stage::ResponseBody
    }

    fn waiting(&mut self) -> &mut ReadTimeout {
        &mut self.waiting
    }

    fn hold(&mut self, piece: usize, _: &mut Context<'_>) -> (usize, usize) {
        // Of whatever size it is, it lies in what was read at once.
        (0, piece.max(reader::MOST))
    }
}

impl Home {
    fn keep(self, mut reader: Reader, mut writer: Writer, facts: UpstreamRecord) {
        let Self { upstreams, place, share, reusable } = self;
        if reusable && reader.buffer.is_empty() {
            reader.rest();
            writer.slim();
            upstreams.pool.put(&place, Connection { reader, writer, facts, share });
        }
    }
}

/// Goes on with a request whose response is over, until it is all written, or the upstream closes or says
/// something that nobody asked for.
async fn rest_of_request(mut upload: Uploading, mut reader: Reader, facts: UpstreamRecord, home: Home) {
    tokio::select! {
        biased;
        _ = reader.fill() => return,
        _ = upload.progress() => {}
    }
    if let Uploading::Done(writer) = upload {
        home.keep(reader, writer, facts);
    }
}
