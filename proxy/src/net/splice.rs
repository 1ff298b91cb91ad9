//! Bytes from one TCP connection to another that stay in the kernel: splice(2), through a pipe.
//!
//! For bytes in bulk it saves two copies. A pipe is two open files and some room in the kernel: threads keep a few, and a
//! connection has one only while bytes flow.

use std::cell::RefCell;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use rustix::net::{RecvFlags, recv};
use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};
use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::net::io::Io;
use crate::net::{tcp, turns};

/// Bytes that go into a pipe at once.
const SIZE: usize = 128 << 10;
/// Pipes that a thread keeps for the next bytes.
const KEPT: usize = 8;
/// Pipes at once: their open files are taken from the reserve beside those of connections.
const MOST: usize = 64;

/// Pipes that there are.
static OPEN: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static PIPES: RefCell<Vec<Ends>> = const { RefCell::new(Vec::new()) };
}

/// The reading end and the writing end.
struct Ends(OwnedFd, OwnedFd);

impl Drop for Ends {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A pipe between two connections.
pub(crate) struct Pipe {
    /// None while nothing flows.
    ends: Option<Ends>,
    /// Bytes that are in it.
    held: usize,
}

impl Pipe {
    /// A pipe from `from` to `to`; `None` unless both are TCP and nothing else, and a pipe can be had.
    pub(super) fn between(from: &Io, to: &Io) -> Option<Self> {
        let mut pipe = Self { ends: None, held: 0 };
        (plain(from).is_some() && from.ahead().is_empty() && plain(to).is_some() && pipe.is_open())
            .then_some(pipe)
    }

    /// Returns whether there is a pipe; takes one if there was none.
    pub(crate) fn is_open(&mut self) -> bool {
        if self.ends.is_none() {
            self.ends = PIPES.with_borrow_mut(Vec::pop).or_else(Ends::new);
        }
        self.ends.is_some()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.held == 0
    }

    /// Lets others have it until more comes, if it is empty.
    pub(crate) fn rest(&mut self) {
        if self.held > 0 {
            return;
        }
        let Some(ends) = self.ends.take() else { return };
        PIPES.with_borrow_mut(|pipes| {
            if pipes.len() < KEPT {
                pipes.push(ends);
            }
        });
    }

    /// Fills it from `from`: how many bytes came. None at all are the stream's end. The error `Unsupported` means that bytes
    /// are to be copied.
    pub(super) fn poll_fill(&mut self, from: &Io, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let (Some(stream), Some(Ends(_, end))) = (plain(from), &self.ends) else {
            return Poll::Ready(Err(io::ErrorKind::Unsupported.into()));
        };
        loop {
            ready!(turns::poll_go_on(cx));
            ready!(stream.poll_read_ready(cx))?;
            match moved(stream.try_io(Interest::READABLE, || filled(stream, end))) {
                Poll::Ready(Ok(bytes)) => {
                    self.held = bytes;
                    return Poll::Ready(Ok(tcp::spend(bytes)));
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {}
            }
        }
    }

    /// Empties it into `to`: how many bytes went.
    pub(super) fn poll_drain(&mut self, to: &mut Io, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let drained = self.drain(to, cx);
        let bytes = ready!(to.watched(drained, cx))?;
        self.held -= bytes;
        if self.held == 0 {
            to.taken();
        }
        Poll::Ready(Ok(bytes))
    }

    fn drain(&self, to: &Io, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let (Some(stream), Some(Ends(end, _))) = (plain(to), &self.ends) else {
            return Poll::Ready(Err(io::ErrorKind::Unsupported.into()));
        };
        loop {
            ready!(turns::poll_go_on(cx));
            ready!(stream.poll_write_ready(cx))?;
            match moved(stream.try_io(Interest::WRITABLE, || through(end, stream, self.held))) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(moved) => return Poll::Ready(moved.map(tcp::spend)),
                Poll::Pending => {}
            }
        }
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // One that holds bytes is closed.
        self.rest();
    }
}

impl Ends {
    fn new() -> Option<Self> {
        // Without one, bytes are copied.
        if OPEN.fetch_add(1, Ordering::Relaxed) >= MOST {
            OPEN.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let Ok((read, write)) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK) else {
            OPEN.fetch_sub(1, Ordering::Relaxed);
            return None;
        };
        // Less does as well: the system gives little to a user that has many.
        let _ = fcntl_setpipe_size(&write, SIZE);
        Some(Self(read, write))
    }
}

/// The stream, if it is TCP and nothing else.
fn plain(io: &Io) -> Option<&TcpStream> {
    if io.tls().is_some() { None } else { io.tcp() }
}

fn through(from: impl std::os::fd::AsFd, to: impl std::os::fd::AsFd, size: usize) -> io::Result<usize> {
    Ok(splice(from, None, to, None, size, SpliceFlags::MOVE | SpliceFlags::NONBLOCK)?)
}

/// Moves bytes into a pipe. It stops for good before urgent data of TCP, which a read passes over, and some systems forbid
/// it: then it is `Unsupported`.
fn filled(stream: &TcpStream, end: &OwnedFd) -> io::Result<usize> {
    let filled = through(stream, end, SIZE);
    match &filled {
        Ok(1..) => filled,
        Err(error) if error.kind() == io::ErrorKind::Interrupted => filled,
        Ok(0) => stopped(stream).map_or(filled, Err),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => stopped(stream).map_or(filled, Err),
        Err(error) => match error.kind() {
            io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported => {
                Err(io::ErrorKind::Unsupported.into())
            }
            _ => filled,
        },
    }
}

/// The error that a stream has bytes which no pipe takes, if it has.
fn stopped(stream: &TcpStream) -> Option<io::Error> {
    let peeked = recv(stream, &mut [0; 1][..], RecvFlags::PEEK | RecvFlags::DONTWAIT);
    peeked.is_ok_and(|(bytes, _)| bytes > 0).then(|| io::ErrorKind::Unsupported.into())
}

/// A move that was tried; pending if it is to be tried again once the stream is ready.
fn moved(tried: io::Result<usize>) -> Poll<io::Result<usize>> {
    match tried {
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
            Poll::Pending
        }
        tried => Poll::Ready(tried),
    }
}
