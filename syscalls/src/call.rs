//! Calls that the filter hands over, told from each other.

use libc::seccomp_notif;

use crate::filter::{COMPAT, NATIVE, SOCKETCALL_CONNECT};

/// A call that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notification {
    /// Its number, which the answer has as well.
    pub id: u64,
    /// The thread that waits, as our process namespace numbers it; 0 if it is in none of ours.
    pub thread: u32,
    /// The call.
    pub call: Call,
}

/// A call. Addresses are of the program's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// connect(2).
    Connect {
        /// The socket.
        socket: i32,
        /// The address of the socket address.
        address: u64,
        /// Its length.
        length: u32,
    },
    /// connect(2) of a 32-bit program through socketcall(2).
    SocketCall {
        /// The address of the arguments: three words of 32 bits, as [`Call::Connect`] has them.
        arguments: u64,
    },
    /// getpeername(2).
    PeerName {
        /// The socket.
        socket: i32,
        /// The place for the socket address.
        address: u64,
        /// The address of the place's length (32 bits), which the address's takes the place of.
        length: u64,
    },
    /// open(2) and openat(2).
    Open {
        /// The address of the path, which ends with a zero.
        path: u64,
        /// The flags.
        flags: u64,
    },
    /// openat2(2).
    OpenHow {
        /// The address of the path, which ends with a zero.
        path: u64,
        /// The address of `struct open_how`, which begins with the flags (64 bits).
        how: u64,
    },
    /// Another one: the filter hands none over.
    Other,
}

impl Notification {
    pub(crate) fn new(notification: &seccomp_notif) -> Self {
        let data = &notification.data;
        let call = call(data.arch, i64::from(data.nr), &data.args);
        Self { id: notification.id, thread: notification.pid, call }
    }
}

/// The call with a number and arguments on an architecture.
pub(crate) fn call(arch: u32, number: i64, arguments: &[u64; 6]) -> Call {
    let Some(numbers) = [NATIVE, COMPAT].into_iter().find(|numbers| numbers.arch == arch) else {
        return Call::Other;
    };
    let is = |named: Option<i64>| named == Some(number);
    let [first, second, third, ..] = *arguments;
    // The kernel takes the lower halves.
    if is(Some(numbers.connect)) {
        Call::Connect { socket: first as i32, address: second, length: third as u32 }
    } else if is(numbers.socketcall) && first == u64::from(SOCKETCALL_CONNECT) {
        Call::SocketCall { arguments: second }
    } else if is(numbers.getpeername) {
        Call::PeerName { socket: first as i32, address: second, length: third }
    } else if is(numbers.open) {
        Call::Open { path: first, flags: second }
    } else if is(Some(numbers.openat)) {
        Call::Open { path: second, flags: third }
    } else if is(Some(numbers.openat2)) {
        Call::OpenHow { path: second, how: third }
    } else {
        Call::Other
    }
}
