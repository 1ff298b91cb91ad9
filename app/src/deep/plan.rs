//! The decision about a program's connect(2): a pure function.

use std::net::{IpAddr, SocketAddr};

use rustix::io::Errno;

/// The transport of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// TCP, or MPTCP.
    Tcp,
    Udp,
    Other,
}

/// Facts of the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Socket {
    pub(super) transport: Transport,
    pub(super) is_v6: bool,
    /// True if the program does not want to wait.
    pub(super) is_nonblocking: bool,
    /// True if it has a peer already.
    pub(super) is_connected: bool,
}

/// The deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    /// None of ours: the kernel does it.
    Leave,
    /// It fails.
    Refuse(Errno),
    /// It goes to dashcam. `waits` for the destination to be connected, so that the program learns how that went;
    /// otherwise it gets its connection at once.
    Capture { waits: bool },
}

/// The port of HTTP/3.
const HTTP3: u16 = 443;

/// The plan for a `socket` that is to go to `destination`; `own` are dashcam's addresses.
pub(super) fn plan(socket: Socket, destination: SocketAddr, own: &[SocketAddr]) -> Plan {
    match socket.transport {
        // Clients of HTTP/3 fall back to TCP, and so to us. A socket that waits is none of theirs: the C library connects
        // such a one to learn which way an address takes.
        Transport::Udp if destination.port() == HTTP3 && socket.is_nonblocking => {
            Plan::Refuse(Errno::NETUNREACH)
        }
        Transport::Udp | Transport::Other => Plan::Leave,
        Transport::Tcp if socket.is_connected || is_no_peer(destination) || own.contains(&destination) => {
            Plan::Leave
        }
        // An answer from this machine takes no time, and programs ask again until there is a server.
        Transport::Tcp => Plan::Capture { waits: !socket.is_nonblocking || destination.ip().is_loopback() },
    }
}

/// Returns whether the kernel refuses a connection to this address.
fn is_no_peer(destination: SocketAddr) -> bool {
    let broadcast = matches!(destination.ip(), IpAddr::V4(ip) if ip.is_broadcast());
    destination.port() == 0 || destination.ip().is_multicast() || broadcast
}

#[cfg(test)]
mod tests {
    use super::*;

    const TCP: Socket =
        Socket { transport: Transport::Tcp, is_v6: false, is_nonblocking: false, is_connected: false };
    const UDP: Socket = Socket { transport: Transport::Udp, ..TCP };

    #[test]
    fn each_socket_has_its_plan() {
        let own = ["127.0.0.1:8080".parse().unwrap()];
        let nonblocking = |socket| Socket { is_nonblocking: true, ..socket };
        for (socket, destination, expected) in [
            (TCP, "192.0.2.1:80", Plan::Capture { waits: true }),
            (nonblocking(TCP), "192.0.2.1:80", Plan::Capture { waits: false }),
            (nonblocking(TCP), "127.0.0.1:5432", Plan::Capture { waits: true }),
            (nonblocking(TCP), "[::1]:5432", Plan::Capture { waits: true }),
            (TCP, "127.0.0.1:8080", Plan::Leave),
            (TCP, "192.0.2.1:0", Plan::Leave),
            (TCP, "224.0.0.1:80", Plan::Leave),
            (TCP, "255.255.255.255:80", Plan::Leave),
            (Socket { is_connected: true, ..TCP }, "192.0.2.1:80", Plan::Leave),
            (Socket { transport: Transport::Other, ..TCP }, "192.0.2.1:80", Plan::Leave),
            (UDP, "192.0.2.1:443", Plan::Leave),
            (nonblocking(UDP), "192.0.2.1:443", Plan::Refuse(Errno::NETUNREACH)),
            (nonblocking(UDP), "192.0.2.1:53", Plan::Leave),
        ] {
            assert_eq!(plan(socket, destination.parse().unwrap(), &own), expected, "{destination}");
        }
    }
}
