//! System calls of another program, handed to us and answered by us: seccomp's user notification (Linux 5.9).
//!
//! A program installs a filter ([`install`]) and gives the listener that it gets to its supervisor, which receives a
//! [`Notification`] for each call that the filter hands over, and answers it. The filter stays with the program and all
//! its children, whatever they execute. See seccomp_unotify(2).

#![cfg(all(target_os = "linux", target_pointer_width = "64"))]

mod call;
mod filter;
mod kernel;
mod listener;

use std::io;
use std::os::fd::OwnedFd;

pub use call::{Call, Notification};
pub use filter::Calls;
pub use listener::{Answer, Listener};

/// Hands `calls` of this thread, and of all that it executes and starts, over to who holds the listener that is
/// returned. It closes itself when the thread executes a program.
///
/// # Errors
/// When the kernel has no user notification, when somebody supervises this thread already (`EBUSY`), or when this is
/// neither permitted nor harmless (`EACCES`): set `no_new_privs` before.
pub fn install(calls: Calls) -> io::Result<OwnedFd> {
    let program = filter::program(calls)?;
    // A call that has been received is not interrupted by signals that the program handles: it would come twice.
    match kernel::install(&program, libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) {
        // Before Linux 5.19.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => kernel::install(&program, 0),
        installed => installed,
    }
}
