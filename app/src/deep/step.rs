//! The steps from a call to its answer.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use dashcam_syscalls::Answer;

/// Most calls are the kernel's to carry out.
pub(super) const PROCEED: Step = Step::Answer(Answer::Proceed);

/// The next step for a call.
pub(super) enum Step {
    Answer(Answer),
    /// To wait for the answer to what the gateway was asked.
    Await(Asked),
}

/// A socket that was brought to the gateway, which is asked for a tunnel.
pub(super) struct Asked {
    pub(super) socket: OwnedFd,
    pub(super) destination: SocketAddr,
    /// The address as the program gave it.
    pub(super) named: Vec<u8>,
}
