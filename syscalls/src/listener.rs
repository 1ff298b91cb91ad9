//! The supervisor's end: notifications in, answers out.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use libc::{seccomp_notif_addfd, seccomp_notif_resp};

use crate::call::Notification;
use crate::kernel;

/// A listener for the calls of a program and its children. It is readable while a notification waits, and hung up when
/// none of them is left. When it is closed, the calls fail with `ENOSYS`.
#[derive(Debug)]
pub struct Listener(OwnedFd);

/// An answer to a call.
#[derive(Debug)]
pub enum Answer {
    /// The kernel does it, as if nobody had asked. Another thread of the program may have changed by now what the
    /// arguments point to.
    Proceed,
    /// It has been done.
    Done,
    /// It fails with this error's number.
    Fail(io::Error),
    /// It returns a new descriptor of this file; `true` closes it when a program is executed.
    Opened(OwnedFd, bool),
}

impl Listener {
    /// The next notification; `None` where its task has ended meanwhile. Waits unless the listener is readable.
    ///
    /// # Errors
    /// When the kernel gives none.
    pub fn receive(&self) -> io::Result<Option<Notification>> {
        match kernel::receive(self.0.as_fd()) {
            Ok(notification) => Ok(Some(Notification::new(&notification))),
            Err(error) if is_over(&error) || error.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether the task still waits for the answer to notification `id`. The number of a task that has ended is
    /// given to others: only when this is true, anything read by it before was the task's.
    #[must_use]
    pub fn awaits(&self, id: u64) -> bool {
        kernel::check(self.0.as_fd(), id).is_ok()
    }

    /// Answers notification `id`; false if its task waits no more.
    ///
    /// # Errors
    /// When the kernel does not take the answer.
    pub fn answer(&self, id: u64, answer: Answer) -> io::Result<bool> {
        let sent = match answer {
            Answer::Proceed => {
                // The kernel's type is narrower than the constant's.
                self.send(id, 0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32)
            }
            Answer::Done => self.send(id, 0, 0),
            Answer::Fail(error) => self.send(id, -error.raw_os_error().unwrap_or(libc::EIO), 0),
            Answer::Opened(file, closes) => self.open(id, &file, closes),
        };
        match sent {
            Ok(()) => Ok(true),
            Err(error) if is_over(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn send(&self, id: u64, error: i32, flags: u32) -> io::Result<()> {
        kernel::send(self.0.as_fd(), seccomp_notif_resp { id, val: 0, error, flags })
    }

    fn open(&self, id: u64, file: &OwnedFd, closes: bool) -> io::Result<()> {
        let added = seccomp_notif_addfd {
            id,
            flags: libc::SECCOMP_ADDFD_FLAG_SEND as u32,
            srcfd: file.as_raw_fd().cast_unsigned(),
            newfd: 0,
            newfd_flags: if closes { libc::O_CLOEXEC.cast_unsigned() } else { 0 },
        };
        kernel::add_descriptor(self.0.as_fd(), added)
    }
}

impl From<OwnedFd> for Listener {
    fn from(descriptor: OwnedFd) -> Self {
        Self(descriptor)
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Listener {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// True if the task has ended, or was interrupted.
fn is_over(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOENT)
}
