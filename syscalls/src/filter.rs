//! The filter: which calls are handed over, which fail at once, and which the kernel does. In the kernel's old language
//! for packet filters (BPF), as the crates that write it know no user notification.

use std::io;

use libc::sock_filter;

/// The calls that a filter hands over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// Those that open connections, and ask where these go.
    Sockets,
    /// Those that open files as well.
    SocketsAndFiles,
}

/// The numbers of calls on an architecture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers {
    /// `AUDIT_ARCH_…`
    pub(crate) arch: u32,
    pub(crate) connect: i64,
    pub(crate) getpeername: Option<i64>,
    pub(crate) socketcall: Option<i64>,
    pub(crate) open: Option<i64>,
    pub(crate) openat: i64,
    pub(crate) openat2: i64,
    io_uring_setup: i64,
    /// Calls that connect with `MSG_FASTOPEN`, and the argument with the flags.
    sends: &'static [(i64, u32)],
    setsockopt: Option<i64>,
    /// Beyond it are those of another interface to the same calls (x32), without which no program is.
    first_foreign: Option<u32>,
}

#[cfg(target_arch = "x86_64")]
const ARCHS: (u32, u32) = (0xC000_003E, 0x4000_0003);
#[cfg(not(target_arch = "x86_64"))]
const ARCHS: (u32, u32) = (0xC000_00B7, 0x4000_0028);

/// Those of 64-bit programs.
pub(crate) const NATIVE: Numbers = Numbers {
    arch: ARCHS.0,
    connect: libc::SYS_connect,
    getpeername: Some(libc::SYS_getpeername),
    socketcall: None,
    #[cfg(target_arch = "x86_64")]
    open: Some(libc::SYS_open),
    #[cfg(not(target_arch = "x86_64"))]
    open: None,
    openat: libc::SYS_openat,
    openat2: libc::SYS_openat2,
    io_uring_setup: libc::SYS_io_uring_setup,
    sends: &[(libc::SYS_sendto, 3), (libc::SYS_sendmsg, 2), (libc::SYS_sendmmsg, 3)],
    setsockopt: Some(libc::SYS_setsockopt),
    #[cfg(target_arch = "x86_64")]
    first_foreign: Some(0x4000_0000),
    #[cfg(not(target_arch = "x86_64"))]
    first_foreign: None,
};

/// Those of 32-bit programs on the same machine: i386 (arch/x86/entry/syscalls/syscall_32.tbl) or ARM.
#[cfg(target_arch = "x86_64")]
pub(crate) const COMPAT: Numbers = Numbers {
    arch: ARCHS.1,
    connect: 362,
    getpeername: None,
    socketcall: Some(102),
    open: Some(5),
    openat: 295,
    openat2: 437,
    io_uring_setup: 425,
    sends: &[(369, 3), (370, 2), (345, 3)],
    setsockopt: Some(366),
    first_foreign: None,
};
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const COMPAT: Numbers = Numbers {
    arch: ARCHS.1,
    connect: 283,
    getpeername: None,
    socketcall: None,
    open: Some(5),
    openat: 322,
    openat2: 437,
    io_uring_setup: 425,
    sends: &[(290, 3), (296, 2), (374, 3)],
    setsockopt: Some(294),
    first_foreign: None,
};

/// connect(2) among the calls of socketcall(2).
pub(crate) const SOCKETCALL_CONNECT: u32 = 3;

/// Places in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const ARGUMENTS: u32 = 16;

const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const AT_LEAST: u32 = libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;
const ANY_BIT: u32 = libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;

/// An instruction: the next one is `yes` or `no` instructions further.
const fn instruction(code: u32, k: u32, yes: u8, no: u8) -> sock_filter {
    sock_filter { code: code as u16, jt: yes, jf: no, k }
}

const fn load(place: u32) -> sock_filter {
    instruction(LOAD, place, 0, 0)
}

/// The lower half of an argument.
const fn load_argument(index: u32) -> sock_filter {
    load(ARGUMENTS + 8 * index)
}

const fn end(action: u32) -> sock_filter {
    instruction(RETURN, action, 0, 0)
}

const ALLOW: sock_filter = end(libc::SECCOMP_RET_ALLOW);
const HAND_OVER: sock_filter = end(libc::SECCOMP_RET_USER_NOTIF);

/// Fails the call: the program takes another way.
const fn fail(error: i32) -> sock_filter {
    end(libc::SECCOMP_RET_ERRNO | error.cast_unsigned())
}

/// The whole filter.
pub(crate) fn program(calls: Calls) -> io::Result<Vec<sock_filter>> {
    if !cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let mut program = Vec::new();
    for numbers in [NATIVE, COMPAT] {
        let part = part(&numbers, calls);
        let length = u8::try_from(part.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        program.extend([load(ARCH), instruction(EQUAL, numbers.arch, 0, length)]);
        program.extend(part);
    }
    program.push(ALLOW);
    Ok(program)
}

/// The calls of one architecture. Each test that finds its call ends the filter.
fn part(numbers: &Numbers, calls: Calls) -> Vec<sock_filter> {
    let mut part = vec![load(NUMBER)];
    if let Some(foreign) = numbers.first_foreign {
        part.extend([instruction(AT_LEAST, foreign, 0, 1), fail(libc::ENOSYS)]);
    }
    on(&mut part, numbers.connect, &[HAND_OVER]);
    // It would connect without a call that we see.
    on(&mut part, numbers.io_uring_setup, &[fail(libc::ENOSYS)]);
    if let Some(getpeername) = numbers.getpeername {
        on(&mut part, getpeername, &[HAND_OVER]);
    }
    if let Some(socketcall) = numbers.socketcall {
        let is_connect = instruction(EQUAL, SOCKETCALL_CONNECT, 0, 1);
        on(&mut part, socketcall, &[load_argument(0), is_connect, HAND_OVER, ALLOW]);
    }
    for (send, flags) in numbers.sends {
        let is_fast_open = instruction(ANY_BIT, libc::MSG_FASTOPEN.cast_unsigned(), 0, 1);
        on(&mut part, *send, &[load_argument(*flags), is_fast_open, fail(libc::EOPNOTSUPP), ALLOW]);
    }
    if let Some(setsockopt) = numbers.setsockopt {
        let fast_open = [
            load_argument(1),
            instruction(EQUAL, libc::IPPROTO_TCP.cast_unsigned(), 0, 3),
            load_argument(2),
            instruction(EQUAL, libc::TCP_FASTOPEN_CONNECT.cast_unsigned(), 0, 1),
            fail(libc::ENOPROTOOPT),
            ALLOW,
        ];
        on(&mut part, setsockopt, &fast_open);
    }
    if calls == Calls::SocketsAndFiles {
        for open in [numbers.open, Some(numbers.openat), Some(numbers.openat2)].into_iter().flatten() {
            on(&mut part, open, &[HAND_OVER]);
        }
    }
    part.push(ALLOW);
    part
}

/// `then` for the call with `number`, if that is the one.
fn on(part: &mut Vec<sock_filter>, number: i64, then: &[sock_filter]) {
    // Numbers and steps are small.
    part.push(instruction(EQUAL, number as u32, 0, then.len() as u8));
    part.extend_from_slice(then);
}

#[cfg(test)]
mod tests;
