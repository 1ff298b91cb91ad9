//! The programs of this machine that connect to dashcam.
//!
//! A thread of its own finds the process that has a connection's other end: [`Programs::ask`] hands a question over and
//! never waits. It answers many at once, and rests so that it takes a twentieth of a core at most, but for a fifth of a
//! second that it may save up. Questions for which there is no room are given up, and so are those about connections that
//! have ended; all are counted ([`Counts`]).
//!
//! Linux only: elsewhere nothing is asked, and nothing is known.

#[cfg(target_os = "linux")]
mod allowance;
mod command;
mod counts;
#[cfg(target_os = "linux")]
mod finder;
#[cfg(target_os = "linux")]
mod processes;
mod question;
#[cfg(target_os = "linux")]
mod sockets;

pub use command::Arguments;
pub use counts::Counts;
pub use question::Programs;
