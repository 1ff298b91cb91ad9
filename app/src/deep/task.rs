//! A thread that waits for the answer to its call: its memory and its descriptors.

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;

use rustix::net::{AddressFamily, SocketType, getpeername, ipproto, sockopt};
use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

use super::plan::{Socket, Transport};

/// Beyond this a text may be in memory that is not there.
const PAGE: u64 = 4096;

/// The thread.
pub(super) struct Task {
    thread: u32,
    memory: File,
}

impl Task {
    /// The thread with a number, which may be another's soon: once all is read that is of interest, the caller asks
    /// whether the thread still waits.
    pub(super) fn open(thread: u32) -> io::Result<Self> {
        let path = format!("/proc/{thread}/mem");
        let writable = File::options().read(true).write(true).open(path)?;
        Ok(Self { thread, memory: writable })
    }

    /// Reads memory at an address.
    pub(super) fn read<const LENGTH: usize>(&self, address: u64) -> io::Result<[u8; LENGTH]> {
        let mut bytes = [0; LENGTH];
        self.memory.read_exact_at(&mut bytes, address)?;
        Ok(bytes)
    }

    /// Reads at most `most` bytes.
    pub(super) fn read_some(&self, address: u64, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; most];
        self.memory.read_exact_at(&mut bytes, address)?;
        Ok(bytes)
    }

    /// Reads a text that ends with a zero; `None` if it is longer than `most`.
    pub(super) fn read_text(&self, address: u64, most: usize) -> io::Result<Option<Vec<u8>>> {
        let mut text = Vec::new();
        while text.len() < most {
            let from = address + text.len() as u64;
            let part = self.read_some(from, usize::try_from(PAGE - from % PAGE).unwrap_or(1))?;
            if let Some(end) = part.iter().position(|byte| *byte == 0) {
                text.extend_from_slice(&part[..end]);
                return Ok((text.len() <= most).then_some(text));
            }
            text.extend_from_slice(&part);
        }
        Ok(None)
    }

    /// Writes to memory at an address.
    pub(super) fn write(&self, address: u64, bytes: &[u8]) -> io::Result<()> {
        self.memory.write_all_at(bytes, address)
    }

    /// Its descriptor as one of ours, for the same socket.
    pub(super) fn socket(&self, descriptor: i32) -> io::Result<OwnedFd> {
        let process = self.process().ok_or(io::ErrorKind::NotFound)?;
        let process = pidfd_open(process, PidfdFlags::empty())?;
        Ok(pidfd_getfd(process, descriptor, PidfdGetfdFlags::empty())?)
    }

    /// Threads share the descriptors of their process.
    fn process(&self) -> Option<Pid> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.thread)).ok()?;
        let number = status.lines().find_map(|line| line.strip_prefix("Tgid:"))?;
        number.trim().parse().ok().and_then(Pid::from_raw)
    }
}

/// Facts of a socket.
pub(super) fn facts(socket: &OwnedFd) -> io::Result<Socket> {
    let family = sockopt::socket_domain(socket)?;
    let protocol = sockopt::socket_protocol(socket)?;
    let is_ip = matches!(family, AddressFamily::INET | AddressFamily::INET6);
    let transport = match (sockopt::socket_type(socket)?, protocol) {
        (SocketType::STREAM, Some(ipproto::TCP | ipproto::MPTCP)) if is_ip => Transport::Tcp,
        (SocketType::DGRAM, Some(ipproto::UDP)) if is_ip => Transport::Udp,
        _ => Transport::Other,
    };
    let flags = rustix::fs::fcntl_getfl(socket)?;
    Ok(Socket {
        transport,
        is_v6: family == AddressFamily::INET6,
        is_nonblocking: flags.contains(rustix::fs::OFlags::NONBLOCK),
        is_connected: getpeername(socket).is_ok(),
    })
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};

    use super::*;

    fn own() -> Task {
        Task::open(std::process::id()).unwrap()
    }

    #[test]
    fn memory_is_read_and_written() {
        let text = b"/etc/ssl/cert.pem\0more".to_vec();
        let mut word = [1u8, 2, 3, 4];
        let task = own();
        let address = text.as_ptr() as u64;
        assert_eq!(task.read::<4>(address).unwrap(), *b"/etc");
        assert_eq!(task.read_text(address, 100).unwrap().unwrap(), b"/etc/ssl/cert.pem");
        assert_eq!(task.read_text(address, 5).unwrap(), None);
        task.write(word.as_mut_ptr() as u64, &[9, 8]).unwrap();
        assert_eq!(std::hint::black_box(word), [9, 8, 3, 4]);
        assert!(task.read::<4>(8).is_err());
    }

    #[test]
    fn sockets_are_told_from_each_other() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        stream.set_nonblocking(true).unwrap();
        let facts_of = |socket: OwnedFd| facts(&socket).unwrap();
        let tcp =
            Socket { transport: Transport::Tcp, is_v6: false, is_nonblocking: false, is_connected: false };
        assert_eq!(facts_of(stream.into()), Socket { is_nonblocking: true, is_connected: true, ..tcp });
        assert_eq!(facts_of(listener.into()), tcp);
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        assert_eq!(facts_of(udp.into()), Socket { transport: Transport::Udp, ..tcp });
        let (unix, _other) = std::os::unix::net::UnixStream::pair().unwrap();
        assert_eq!(facts_of(unix.into()).transport, Transport::Other);
    }
}
