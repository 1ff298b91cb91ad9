//! A body of an exchange whose rule guarantees that it is recorded: what comes waits until there is room for its copy,
//! and the end of a response until the exchange is stored.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use dashcam_exchange::Failure;
use dashcam_recorder::{End, MESSAGE_SLICE, NotKept, Offered, Wait};

use crate::body::{Body, Frame, Source, Watch};

type Came = Option<Result<Frame, Failure>>;

/// The state of such a body.
pub(super) struct Guaranteed {
    /// The end of its exchange, if it ends with this body and has to be stored before.
    end: Option<End>,
    state: State,
}

enum State {
    /// It waits for what comes next.
    Open,
    /// Something came, and has yet to be copied.
    Came(Piece),
    /// All has come. The last of it passes once the exchange is stored.
    Ending(Ending),
    /// The last of it may pass. `goes_on`: an announced length has passed, and the stream's own end may follow.
    Over { rest: VecDeque<Result<Frame, Failure>>, goes_on: bool },
    /// It was withheld.
    Withheld,
}

/// Something that came, and how much of it was copied.
struct Piece {
    came: Came,
    is_taken: bool,
    /// Bytes of it that the reader of messages has seen.
    read: usize,
    wait: Option<Wait>,
}

struct Ending {
    rest: VecDeque<Result<Frame, Failure>>,
    goes_on: bool,
    stored: Pin<Box<dyn Future<Output = Result<(), NotKept>> + Send>>,
}

impl Guaranteed {
    pub(super) fn new(end: Option<End>) -> Self {
        Self { end, state: State::Open }
    }

    /// Returns whether its end does not pass yet, or never does.
    pub(super) fn withholds_end(&self) -> bool {
        let has_more = matches!(&self.state, State::Over { rest, goes_on } if *goes_on || !rest.is_empty());
        self.end.is_some() || has_more || self.is_at_end()
    }

    /// Returns whether nothing but its end is waited for, or was in vain.
    fn is_at_end(&self) -> bool {
        matches!(self.state, State::Ending(_) | State::Withheld)
    }
}

impl Watch {
    /// Offers what came to those who copy it, as far as it was not taken.
    fn offer(&mut self, piece: &mut Piece) -> Offered {
        if !piece.is_taken {
            let offered = match &piece.came {
                Some(Ok(Frame::Data(bytes))) => self.observed.offer(bytes),
                Some(Ok(Frame::Trailers(trailers))) => self.observed.offer_trailers(trailers),
                Some(Err(_)) | None => Offered::Taken,
            };
            if !matches!(offered, Offered::Taken) {
                return offered;
            }
            piece.is_taken = true;
        }
        let Some(messages) = &mut self.messages else { return Offered::Taken };
        let Some(Ok(Frame::Data(bytes))) = &piece.came else { return messages.offer(0) };
        while piece.read < bytes.len() {
            let slice = &bytes[piece.read..bytes.len().min(piece.read + MESSAGE_SLICE)];
            let offered = messages.offer(slice.len());
            if !matches!(offered, Offered::Taken) {
                return offered;
            }
            messages.read(slice);
            piece.read += slice.len();
        }
        Offered::Taken
    }
}

impl Body {
    /// Lets its bytes wait for room for their copies, and `end`, if that is told of by its own end, until it is stored. To
    /// be called once it is tapped.
    pub(crate) fn guaranteed(mut self, end: Option<End>) -> Self {
        if self.is_empty() && end.is_none() {
            return self;
        }
        let has_ended = self.ended;
        let mut guaranteed = Guaranteed::new(end);
        if has_ended && let Some(end) = guaranteed.end.take() {
            guaranteed.state = State::Ending(Ending::new(VecDeque::new(), false, end));
        }
        self.watch().guaranteed = Some(Box::new(guaranteed));
        self
    }

    /// Returns whether its head may wait for it: nothing but its end is waited for, or was in vain.
    pub(crate) fn is_at_withheld_end(&self) -> bool {
        self.guarantee().is_some_and(Guaranteed::is_at_end)
    }

    pub(super) fn guarantee(&self) -> Option<&Guaranteed> {
        self.watch.as_deref().and_then(|watch| watch.guaranteed.as_deref())
    }

    /// The next frame.
    #[cold]
    pub(super) fn poll_guaranteed(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame, Failure>>> {
        loop {
            let Some(watch) = self.watch.as_deref_mut() else { return Poll::Ready(None) };
            let Some(mut guaranteed) = watch.guaranteed.take() else { return Poll::Ready(None) };
            let next = self.poll_state(&mut guaranteed, cx);
            self.watch().guaranteed = Some(guaranteed);
            match next {
                Poll::Ready(Some(next)) => return Poll::Ready(next),
                Poll::Ready(None) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Goes from one state to the next; the frame that may pass, if one may.
    fn poll_state(&mut self, guaranteed: &mut Guaranteed, cx: &mut Context<'_>) -> Poll<Option<Came>> {
        match &mut guaranteed.state {
            State::Open if self.ended => Poll::Ready(Some(None)),
            State::Open => {
                let came = ready!(self.source.poll(cx));
                guaranteed.state = State::Came(Piece { came, is_taken: false, read: 0, wait: None });
                Poll::Ready(None)
            }
            State::Came(piece) => {
                if let Some(wait) = &mut piece.wait {
                    ready!(Pin::new(wait).poll(cx));
                    piece.wait = None;
                }
                match self.watch().offer(piece) {
                    Offered::Taken => {
                        let came = piece.came.take();
                        guaranteed.state = State::Open;
                        Poll::Ready(self.copied(guaranteed, came))
                    }
                    Offered::Wait(wait) => {
                        piece.wait = Some(wait);
                        Poll::Ready(None)
                    }
                    Offered::GivenUp(why) => Poll::Ready(Some(self.withhold(guaranteed, &why))),
                }
            }
            State::Ending(ending) => match ready!(ending.stored.as_mut().poll(cx)) {
                Ok(()) => {
                    let rest = std::mem::take(&mut ending.rest);
                    guaranteed.state = State::Over { rest, goes_on: ending.goes_on };
                    Poll::Ready(None)
                }
                Err(why) => Poll::Ready(Some(self.withhold(guaranteed, &why))),
            },
            State::Over { rest, goes_on } => match rest.pop_front() {
                None if std::mem::take(goes_on) => {
                    self.ended = false;
                    guaranteed.state = State::Open;
                    Poll::Ready(None)
                }
                next => Poll::Ready(Some(next)),
            },
            State::Withheld => Poll::Ready(Some(None)),
        }
    }

    /// Lets pass what came and is copied, unless it is the last of what its exchange ends with.
    fn copied(&mut self, guaranteed: &mut Guaranteed, came: Came) -> Option<Came> {
        let is_data = matches!(&came, Some(Ok(Frame::Data(_))));
        let is_over = !is_data || self.is_over();
        let is_last = is_over || self.watch().observed.has_all();
        let Some(end) = guaranteed.end.take_if(|_| is_last) else {
            match &came {
                // A taker that knows the length does not ask for the end.
                Some(Ok(Frame::Data(_))) if matches!(self.source, Source::Empty) => self.end(None),
                Some(Ok(Frame::Data(_))) => {}
                _ => self.observe(came.as_ref()),
            }
            return Some(came);
        };
        let mut rest: VecDeque<_> = came.into_iter().collect();
        let mut goes_on = false;
        let last = match is_data && !is_over {
            // Often the stream ends at the same moment, and may have more to say.
            true => self.source.poll(&mut Context::from_waker(Waker::noop())),
            false if is_data => Poll::Ready(None),
            false => Poll::Ready(rest.pop_front()),
        };
        match last {
            Poll::Ready(last) => {
                self.observe(last.as_ref());
                rest.extend(last);
            }
            Poll::Pending => {
                goes_on = true;
                self.observe(None);
            }
        }
        // It keeps the exchange open.
        self.watch().messages = None;
        guaranteed.state = State::Ending(Ending::new(rest, goes_on, end));
        None
    }

    /// Breaks the body off: what is to come of it can't be recorded.
    fn withhold(&mut self, guaranteed: &mut Guaranteed, why: &NotKept) -> Came {
        let failure = why.failure(self.stage());
        self.break_off(failure.clone());
        guaranteed.state = State::Withheld;
        Some(Err(failure))
    }
}

impl Ending {
    fn new(rest: VecDeque<Result<Frame, Failure>>, goes_on: bool, end: End) -> Self {
        Self { rest, goes_on, stored: Box::pin(end.stored()) }
    }
}
