//! The places that captured sockets are connected to, as their programs know them: getpeername(2) would name dashcam.

use std::collections::HashMap;
use std::mem;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};

use rustix::fs::fstat;

/// Sockets of one generation: closed ones are forgotten when the next one is full.
const MOST: usize = 16 << 10;

/// Socket addresses, in the program's own bytes, by the sockets' numbers, which are unique while they are open.
#[derive(Debug, Default)]
pub(super) struct Peers(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<u64, Vec<u8>>,
    old: HashMap<u64, Vec<u8>>,
}

impl Peers {
    /// Notes the address that `socket` is connected to.
    pub(super) fn note(&self, socket: &OwnedFd, address: &[u8]) {
        let Some(number) = number(socket) else { return };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.young.len() >= MOST {
            all.old = mem::take(&mut all.young);
        }
        all.young.insert(number, address.to_vec());
    }

    /// The address that `socket` is connected to.
    pub(super) fn of(&self, socket: &OwnedFd) -> Option<Vec<u8>> {
        let number = number(socket)?;
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.young.get(&number).or_else(|| all.old.get(&number)).cloned()
    }
}

fn number(socket: &OwnedFd) -> Option<u64> {
    fstat(socket).ok().map(|status| status.st_ino)
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn a_socket_keeps_its_peer() {
        let peers = Peers::default();
        let sockets: Vec<OwnedFd> = (0..2).map(|_| UdpSocket::bind("127.0.0.1:0").unwrap().into()).collect();
        peers.note(&sockets[0], b"there");
        assert_eq!(peers.of(&sockets[0]).as_deref(), Some(&b"there"[..]));
        assert_eq!(peers.of(&sockets[1]), None);
    }
}
