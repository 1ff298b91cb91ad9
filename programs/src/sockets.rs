//! Clients' sockets, by their addresses.
//!
//! The kernel is asked for each by sock_diag(7), whose answer does not depend on how many sockets there are. Where that is
//! not to be had (no module, a sandbox), the table in `/proc/net` is read, once for all that are asked for.

use std::io;
use std::net::{IpAddr, SocketAddr};

use netlink_packet_core::{NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags};
use netlink_sys::protocols::NETLINK_SOCK_DIAG;
use netlink_sys::{Socket as Netlink, SocketAddr as NetlinkAddress};
use procfs::net::TcpNetEntry;

/// A message has room in it.
const ANSWER: usize = 4096;

/// A socket of a process on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Socket {
    /// Its number, by which processes' descriptors name it.
    pub(crate) inode: u64,
    /// Its owner.
    pub(crate) uid: u32,
}

/// The way to the kernel's sockets.
pub(crate) struct Sockets {
    /// `None` where the kernel does not answer.
    netlink: Option<Netlink>,
}

impl Sockets {
    pub(crate) fn open() -> Self {
        let open = || {
            let netlink = Netlink::new(NETLINK_SOCK_DIAG)?;
            netlink.connect(&NetlinkAddress::new(0, 0))?;
            Ok::<_, io::Error>(netlink)
        };
        let netlink = open().inspect_err(|error| tracing::debug!(%error, "sock_diag can't be used")).ok();
        Self { netlink }
    }

    /// The sockets that have the first of two addresses for their own and are connected to the second.
    pub(crate) fn find(&mut self, ends: &[(SocketAddr, SocketAddr)]) -> Vec<Option<Socket>> {
        if let Some(netlink) = &self.netlink {
            match ends.iter().map(|ends| ask(netlink, *ends)).collect::<io::Result<_>>() {
                Ok(found) => return found,
                Err(error) => {
                    tracing::debug!(%error, "sock_diag does not answer; /proc/net is read in its place");
                    self.netlink = None;
                }
            }
        }
        let table: Vec<_> =
            [procfs::net::tcp(), procfs::net::tcp6()].into_iter().flatten().flatten().collect();
        ends.iter().map(|ends| table.iter().find_map(|entry| matching(entry, *ends))).collect()
    }
}

/// Asks for one socket; `None` if there is none, or no process has it any more.
fn ask(netlink: &Netlink, (own, other): (SocketAddr, SocketAddr)) -> io::Result<Option<Socket>> {
    let mut message = NetlinkMessage::new(request_header(), request(own, other).into());
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    netlink.send(&bytes, 0)?;
    let mut answer = [0; ANSWER];
    let length = netlink.recv(&mut &mut answer[..], 0)?;
    let answer = NetlinkMessage::<SockDiagMessage>::deserialize(&answer[..length.min(ANSWER)])
        .map_err(|error| io::Error::other(error.to_string()))?;
    match answer.payload {
        NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(found)) => {
            let socket = Socket { inode: found.header.inode.into(), uid: found.header.uid };
            Ok(Some(socket).filter(|socket| socket.inode != 0))
        }
        // ENOENT is said of a socket that is not there as of a module that is not.
        NetlinkPayload::Error(error) if is_missing(&error.to_io()) => Ok(None),
        NetlinkPayload::Error(error) => Err(error.to_io()),
        other => Err(io::Error::other(format!("an answer that was not asked for: {other:?}"))),
    }
}

fn request_header() -> NetlinkHeader {
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST;
    header
}

fn request(own: SocketAddr, other: SocketAddr) -> SockDiagMessage {
    // A socket of IPv6 with an address of IPv4 in it is found by that one.
    let [own_ip, other_ip] = [own, other].map(|address| address.ip().to_canonical());
    SockDiagMessage::InetRequest(InetRequest {
        family: if own_ip.is_ipv4() { AF_INET } else { AF_INET6 },
        protocol: IPPROTO_TCP,
        extensions: ExtensionFlags::empty(),
        states: StateFlags::all(),
        socket_id: SocketId {
            source_port: own.port(),
            destination_port: other.port(),
            source_address: own_ip,
            destination_address: other_ip,
            interface_id: 0,
            cookie: [0xff; 8],
        },
    })
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

/// The socket of a line of the table, if it is the one with these ends.
fn matching(entry: &TcpNetEntry, (own, other): (SocketAddr, SocketAddr)) -> Option<Socket> {
    let is_same = |found: SocketAddr, wanted: SocketAddr| {
        found.port() == wanted.port() && canonical(found) == canonical(wanted)
    };
    let is_wanted = is_same(entry.local_address, own) && is_same(entry.remote_address, other);
    (is_wanted && entry.inode != 0).then_some(Socket { inode: entry.inode, uid: entry.uid })
}

fn canonical(address: SocketAddr) -> IpAddr {
    address.ip().to_canonical()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsRawFd as _;

    use super::*;

    fn inode(stream: &TcpStream) -> u64 {
        let link = std::fs::read_link(format!("/proc/self/fd/{}", stream.as_raw_fd())).unwrap();
        let text = link.to_str().unwrap().trim_start_matches("socket:[").trim_end_matches(']').to_owned();
        text.parse().unwrap()
    }

    fn check(sockets: &mut Sockets, address: &str) {
        let listener = TcpListener::bind(address).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_served, peer) = listener.accept().unwrap();
        let ends = (peer, listener.local_addr().unwrap());
        let uid = procfs::process::Process::myself().unwrap().uid().unwrap();
        let nobody = (SocketAddr::new(peer.ip(), 1), ends.1);
        let found = sockets.find(&[ends, nobody]);
        assert_eq!(found, [Some(Socket { inode: inode(&client), uid }), None], "{address}");
        drop(client);
        assert_eq!(sockets.find(&[ends]), [None], "no process has it any more");
    }

    #[test]
    fn sockets_are_found_by_their_ends() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            check(&mut Sockets::open(), address);
            check(&mut Sockets { netlink: None }, address);
        }
    }
}
