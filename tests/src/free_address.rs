//! Addresses for servers of others, which can't be told to take any port and say which.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process;
use std::sync::atomic::{AtomicU8, Ordering};

/// An address of the loopback net on which nobody else listens, until a server does. Its IP belongs to this process and this
/// call alone, so that no other test is given the port in the meantime.
///
/// # Errors
/// When no port is free.
pub fn free_address() -> io::Result<SocketAddr> {
    static LAST: AtomicU8 = AtomicU8::new(0);
    let [_, _, high, low] = process::id().to_be_bytes();
    // 127.0.0.0/9 is for those that tests name.
    let ip = Ipv4Addr::new(127, 128 | high, low, LAST.fetch_add(1, Ordering::Relaxed));
    TcpListener::bind((ip, 0))?.local_addr()
}
