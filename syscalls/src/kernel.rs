//! The kernel's interface, for which there is no safe crate: the only file of the workspace with unsafe code.

#![allow(unsafe_code)]

use std::ffi::{c_int, c_ulong};
use std::io;
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd, RawFd};

use libc::{seccomp_notif, seccomp_notif_addfd, seccomp_notif_resp, sock_filter, sock_fprog};

/// Installs a filter for this thread; the listener of its notifications (seccomp(2)).
pub(crate) fn install(program: &[sock_filter], flags: c_ulong) -> io::Result<OwnedFd> {
    let len = u16::try_from(program.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    // The kernel reads it only.
    let program = sock_fprog { len, filter: program.as_ptr().cast_mut() };
    let flags = flags | libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
    // SAFETY: `program` has the length and the place of instructions that outlive the call, which copies them.
    let returned =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    let descriptor = RawFd::try_from(returned).map_err(|_| io::ErrorKind::InvalidData)?;
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has just opened it, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// The next notification; waits for one if there is none.
pub(crate) fn receive(listener: BorrowedFd<'_>) -> io::Result<seccomp_notif> {
    // SAFETY: it consists of integers, of which all have the value 0, and the kernel demands that one.
    let mut notification = unsafe { std::mem::zeroed::<seccomp_notif>() };
    let argument = (&raw mut notification).cast();
    // SAFETY: this request writes a `seccomp_notif`, and `argument` points to one of ours.
    unsafe { ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_RECV, argument) }?;
    Ok(notification)
}

/// Answers a notification.
pub(crate) fn send(listener: BorrowedFd<'_>, mut answer: seccomp_notif_resp) -> io::Result<()> {
    let argument = (&raw mut answer).cast();
    // SAFETY: this request reads a `seccomp_notif_resp`, and `argument` points to one of ours.
    unsafe { ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_SEND, argument) }?;
    Ok(())
}

/// Succeeds while the task of notification `id` waits for its answer.
pub(crate) fn check(listener: BorrowedFd<'_>, mut id: u64) -> io::Result<()> {
    let argument = (&raw mut id).cast();
    // SAFETY: this request reads a `u64`, and `argument` points to one of ours.
    unsafe { ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_ID_VALID, argument) }?;
    Ok(())
}

/// Opens a descriptor in the task of a notification.
pub(crate) fn add_descriptor(listener: BorrowedFd<'_>, mut added: seccomp_notif_addfd) -> io::Result<()> {
    let argument = (&raw mut added).cast();
    // SAFETY: this request reads a `seccomp_notif_addfd`, and `argument` points to one of ours.
    unsafe { ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_ADDFD, argument) }?;
    Ok(())
}

/// ioctl(2).
///
/// # Safety
/// `argument` points to a value of the type that `request` reads or writes.
unsafe fn ioctl(
    descriptor: BorrowedFd<'_>,
    request: libc::Ioctl,
    argument: *mut libc::c_void,
) -> io::Result<c_int> {
    // SAFETY: the descriptor is open, and the caller answers for the argument.
    let returned = unsafe { libc::ioctl(descriptor.as_raw_fd(), request, argument) };
    if returned < 0 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}
