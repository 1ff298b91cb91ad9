//! Calls, as a small machine for the filter's language judges them.

use super::*;
use crate::call::{Call, call};

/// The action for a call.
fn judged(calls: Calls, arch: u32, number: i64, arguments: [u64; 6]) -> u32 {
    let program = program(calls).unwrap();
    let (mut at, mut held) = (0, 0);
    loop {
        let step = &program[at];
        at += 1;
        let truth = match u32::from(step.code) {
            LOAD => {
                held = match step.k {
                    NUMBER => number as u32,
                    ARCH => arch,
                    place => arguments[((place - ARGUMENTS) / 8) as usize] as u32,
                };
                continue;
            }
            RETURN => return step.k,
            EQUAL => held == step.k,
            AT_LEAST => held >= step.k,
            ANY_BIT => held & step.k != 0,
            code => panic!("no such instruction: {code}"),
        };
        at += usize::from(if truth { step.jt } else { step.jf });
    }
}

const ALLOWED: u32 = libc::SECCOMP_RET_ALLOW;
const HANDED_OVER: u32 = libc::SECCOMP_RET_USER_NOTIF;

fn failed(error: i32) -> u32 {
    libc::SECCOMP_RET_ERRNO | error.cast_unsigned()
}

#[test]
fn calls_are_judged_by_architecture_number_and_arguments() {
    let fast_open = u64::from(libc::MSG_FASTOPEN.cast_unsigned());
    let (tcp, option) = (libc::IPPROTO_TCP as u64, libc::TCP_FASTOPEN_CONNECT as u64);
    let (native, compat) = (NATIVE.arch, COMPAT.arch);
    for (arch, number, arguments, expected) in [
        (native, libc::SYS_connect, [3, 1, 16, 0, 0, 0], HANDED_OVER),
        (native, libc::SYS_getpeername, [3, 1, 2, 0, 0, 0], HANDED_OVER),
        (native, libc::SYS_read, [0; 6], ALLOWED),
        (native, libc::SYS_openat, [0; 6], ALLOWED),
        (native, libc::SYS_io_uring_setup, [0; 6], failed(libc::ENOSYS)),
        (native, libc::SYS_sendto, [3, 0, 0, 0, 0, 0], ALLOWED),
        (native, libc::SYS_sendto, [3, 0, 0, fast_open | 1, 0, 0], failed(libc::EOPNOTSUPP)),
        (native, libc::SYS_sendmsg, [3, 0, fast_open, 0, 0, 0], failed(libc::EOPNOTSUPP)),
        (native, libc::SYS_sendmmsg, [3, 0, 0, fast_open, 0, 0], failed(libc::EOPNOTSUPP)),
        (native, libc::SYS_setsockopt, [3, tcp, option, 0, 0, 0], failed(libc::ENOPROTOOPT)),
        (native, libc::SYS_setsockopt, [3, 1, option, 0, 0, 0], ALLOWED),
        (native, libc::SYS_setsockopt, [3, tcp, 1, 0, 0, 0], ALLOWED),
        (compat, COMPAT.connect, [0; 6], HANDED_OVER),
        (compat, COMPAT.io_uring_setup, [0; 6], failed(libc::ENOSYS)),
        (compat, 3, [0; 6], ALLOWED),
        (0x8000_0008, libc::SYS_connect, [0; 6], ALLOWED),
    ] {
        let judged = judged(Calls::Sockets, arch, number, arguments);
        assert_eq!(judged, expected, "{arch:x} {number} {arguments:?}");
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn other_interfaces_to_the_same_calls_are_seen() {
    let x32 = libc::SYS_connect | 0x4000_0000;
    assert_eq!(judged(Calls::Sockets, NATIVE.arch, x32, [0; 6]), failed(libc::ENOSYS));
    for (call, expected) in [(3, HANDED_OVER), (2, ALLOWED)] {
        assert_eq!(judged(Calls::Sockets, COMPAT.arch, 102, [call, 0, 0, 0, 0, 0]), expected);
    }
}

#[test]
fn files_are_handed_over_only_where_that_is_wanted() {
    for (arch, number) in [
        (NATIVE.arch, libc::SYS_openat),
        (NATIVE.arch, libc::SYS_openat2),
        (COMPAT.arch, COMPAT.openat),
        (COMPAT.arch, 5),
    ] {
        assert_eq!(judged(Calls::Sockets, arch, number, [0; 6]), ALLOWED);
        assert_eq!(judged(Calls::SocketsAndFiles, arch, number, [0; 6]), HANDED_OVER);
    }
}

#[test]
fn calls_that_are_handed_over_are_told_from_each_other() {
    let arguments = [5, 0x1000, 16, 0, 0, 0];
    for (arch, number, expected) in [
        (NATIVE.arch, libc::SYS_connect, Call::Connect { socket: 5, address: 0x1000, length: 16 }),
        (NATIVE.arch, libc::SYS_getpeername, Call::PeerName { socket: 5, address: 0x1000, length: 16 }),
        (NATIVE.arch, libc::SYS_openat, Call::Open { path: 0x1000, flags: 16 }),
        (NATIVE.arch, libc::SYS_openat2, Call::OpenHow { path: 0x1000, how: 16 }),
        (COMPAT.arch, 5, Call::Open { path: 5, flags: 0x1000 }),
        (COMPAT.arch, COMPAT.connect, Call::Connect { socket: 5, address: 0x1000, length: 16 }),
        (1, libc::SYS_connect, Call::Other),
        (NATIVE.arch, libc::SYS_read, Call::Other),
    ] {
        assert_eq!(call(arch, number, &arguments), expected);
    }
}
