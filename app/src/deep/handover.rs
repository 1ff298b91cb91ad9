//! The listener's way from the program, before it becomes that, to its supervisor: over a Unix socket.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use dashcam_syscalls::{Calls, Listener};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recvmsg, sendmsg,
};
use rustix::thread::set_no_new_privs;
use tokio::net::UnixListener;

/// The supervisor's end of the way.
pub(super) struct Handover {
    path: PathBuf,
    socket: UnixListener,
}

impl Handover {
    /// In a folder that is its user's alone.
    pub(super) fn bind(path: PathBuf) -> Result<Self> {
        let socket = UnixListener::bind(&path).with_context(|| path.display().to_string())?;
        Ok(Self { path, socket })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for the listener.
    pub(super) async fn receive(&self) -> io::Result<Listener> {
        let (stream, _) = self.socket.accept().await?;
        let stream = stream.into_std()?;
        stream.set_nonblocking(false)?;
        received(&stream)
    }
}

fn received(stream: &UnixStream) -> io::Result<Listener> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    recvmsg(stream, &mut [IoSliceMut::new(&mut byte)], &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
    let listener = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    listener.map(Listener::from).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// Installs the filter in this thread, which is the only one, and hands the listener over to the supervisor at `path`.
///
/// # Errors
/// When this system allows none; the message says why.
pub(crate) fn hand_over(path: &Path, shows_files: bool) -> Result<()> {
    // Before the filter, which would hold this one up.
    let stream = UnixStream::connect(path).context("the supervisor is not there")?;
    let calls = if shows_files { Calls::SocketsAndFiles } else { Calls::Sockets };
    let listener = install(calls).map_err(explained)?;
    send(&stream, &listener).context("the supervisor did not take the listener")
}

/// Root needs no promise to gain no privileges: sudo goes on working then.
fn install(calls: Calls) -> io::Result<OwnedFd> {
    match dashcam_syscalls::install(calls) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            set_no_new_privs(true)?;
            dashcam_syscalls::install(calls)
        }
        installed => installed,
    }
}

fn send(stream: &UnixStream, listener: &OwnedFd) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let descriptors = [listener.as_fd()];
    ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
    sendmsg(stream, &[IoSlice::new(&[1])], &mut ancillary, SendFlags::empty())?;
    Ok(())
}

fn explained(error: io::Error) -> anyhow::Error {
    let why = match rustix::io::Errno::from_io_error(&error) {
        Some(rustix::io::Errno::BUSY) => {
            "another program supervises this one already (a dashcam run --deep around this one, or a container's engine)"
        }
        Some(rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL) => {
            "this kernel has no user notification of seccomp: it takes Linux 5.9 or newer, built with \
             CONFIG_SECCOMP_FILTER"
        }
        Some(rustix::io::Errno::PERM | rustix::io::Errno::ACCESS) => {
            "this system does not permit seccomp here (a container's seccomp profile may forbid it)"
        }
        _ => "the filter of system calls can't be installed",
    };
    anyhow::Error::new(error).context(why)
}
