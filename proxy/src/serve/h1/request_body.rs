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
    /// True once what came was acknowledged ahead of the rest.
    acknowledged: bool,
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
            acknowledged: false,
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
                    if !std::mem::replace(&mut self.acknowledged, true) {
                        reader.half.acknowledge();
                    }
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::task::Waker;

    use tokio::io::AsyncWriteExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::net::halves::split;
    use crate::net::io::Io;

    /// A client may hold its body back until the head is acknowledged.
    #[tokio::test]
    async fn a_head_is_acknowledged_at_once_where_its_body_is_not_there() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (mut client, accepted) =
            tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        let (read, _write) = split(Io::from(accepted.unwrap().0));
        let mut reader = Reader::new(read);
        for (there, rest, expect) in [("", "hello", true), ("hel", "lo", true), ("hello", "", false)] {
            reader.half.tcp(|stream| stream.set_quickack(false).unwrap()).unwrap();
            reader.buffer.extend_from_slice(there.as_bytes());
            let (mut body, given_back) = RequestBody::new(reader, Framing::Length(5));
            while body.poll_frame(&mut Context::from_waker(Waker::noop())).is_ready() && !body.is_over() {}
            client.as_mut().unwrap().write_all(rest.as_bytes()).await.unwrap();
            while !body.is_over() {
                std::future::poll_fn(|cx| body.poll_frame(cx)).await.unwrap().unwrap();
            }
            reader = given_back.await.unwrap().reader;
            let is_prompt = reader.half.tcp(|stream| stream.quickack().unwrap());
            assert_eq!(is_prompt, Some(expect), "{there:?} is there of \u{201c}hello\u{201d}");
        }
    }
}
