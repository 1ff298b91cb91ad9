//! dashcam's forward listener, as a program's own socket is brought to it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, connect, connect_unspec, recv, send, sockopt};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::timeout;

use crate::environment::reachable;
use crate::program_proxy::ProgramProxy;

/// How long the listener may take to accept.
const ACCEPT: Duration = Duration::from_secs(5);
/// How long it may take to answer: it gives up connecting before that.
const ANSWER: Duration = Duration::from_secs(150);
/// How often a thread that waits is looked for: it may have been killed.
const LOOK: Duration = Duration::from_millis(500);
/// The longest answer that is read.
const LONGEST: usize = 64 << 10;

/// The listener.
#[derive(Debug)]
pub(super) struct Gateway {
    address: SocketAddr,
    /// The lines of a CONNECT behind its first two; `None` for a listener that wants none (a trial's).
    fields: Option<String>,
}

/// A destination that is not connected.
#[derive(Debug)]
pub(super) enum NotConnected {
    /// The program learns it.
    Refused(Errno),
    /// The program's socket did not come to us: it goes its own way.
    NotCaptured(io::Error),
    /// Nobody waits for it any more.
    Abandoned,
}

impl Gateway {
    /// The forward listener that programs use.
    pub(super) fn new(proxy: &ProgramProxy) -> Result<Self> {
        let address = reachable(proxy.address);
        if address.is_ipv6() {
            bail!("--deep needs a forward listener with an IPv4 address, such as -m forward@127.0.0.1:8080");
        }
        let credential = proxy.credential.as_ref().map(|(user, password)| {
            let secret = STANDARD.encode(format!("{user}:{password}"));
            format!("Proxy-Authorization: Basic {secret}\r\n")
        });
        Ok(Self { address, fields: Some(credential.unwrap_or_default()) })
    }

    /// A listener that takes what comes without a word.
    pub(super) fn silent(address: SocketAddr) -> Self {
        Self { address, fields: None }
    }

    /// Brings `socket` to the listener and asks for a tunnel to `destination`; `waits` for that to be connected. There is an
    /// answer to wait for ([`granted`](Self::granted)).
    pub(super) fn ask(
        &self,
        socket: &OwnedFd,
        (destination, waits): (SocketAddr, bool),
    ) -> Result<(), NotConnected> {
        if !waits {
            has_way(destination).map_err(NotConnected::Refused)?;
        }
        self.reach(socket)?;
        let Some(fields) = &self.fields else { return Ok(()) };
        ask(socket, destination, (waits, fields)).map_err(|error| {
            let _ = connect_unspec(socket);
            NotConnected::NotCaptured(error)
        })
    }

    /// Waits for the answer to what was asked over `socket`; `awaited` says whether the program still waits. No thread is
    /// taken meanwhile: a program may have thousands of connections under way.
    pub(super) async fn granted(
        &self,
        socket: &OwnedFd,
        awaited: impl Fn() -> bool,
    ) -> Result<(), NotConnected> {
        if self.fields.is_none() {
            return Ok(());
        }
        let outcome = match answer(socket, awaited).await {
            Ok(Some(head)) => judge(&head).map_err(NotConnected::Refused),
            Ok(None) => Err(NotConnected::Abandoned),
            Err(error) => Err(NotConnected::NotCaptured(error)),
        };
        if outcome.is_err() {
            // The program may use the socket for another attempt. One that can't be freed says so then.
            let _ = connect_unspec(socket);
        }
        outcome
    }

    /// Connects a socket of either family.
    fn reach(&self, socket: &OwnedFd) -> Result<(), NotConnected> {
        let is_v6 = sockopt::socket_domain(socket).is_ok_and(|family| family == AddressFamily::INET6);
        let is_v6_only = is_v6 && sockopt::ipv6_v6only(socket).unwrap_or(false);
        if is_v6_only {
            // Fails for one that is bound: then so does connecting.
            let _ = sockopt::set_ipv6_v6only(socket, false);
        }
        let connected = match connect(socket, &self.seen_from(is_v6)) {
            Err(Errno::INPROGRESS | Errno::INTR) => finished(socket),
            connected => connected,
        };
        match connected {
            Ok(()) => Ok(()),
            // Another thread connects it at the same time.
            Err(error @ (Errno::ISCONN | Errno::ALREADY)) => Err(NotConnected::Refused(error)),
            Err(error) => {
                let _ = connect_unspec(socket);
                let _ = sockopt::set_ipv6_v6only(socket, is_v6_only);
                Err(NotConnected::NotCaptured(error.into()))
            }
        }
    }

    fn seen_from(&self, is_v6: bool) -> SocketAddr {
        match self.address.ip() {
            IpAddr::V4(ip) if is_v6 => SocketAddr::new(ip.to_ipv6_mapped().into(), self.address.port()),
            _ => self.address,
        }
    }

    /// Returns whether `peer` is the listener.
    pub(super) fn is(&self, peer: SocketAddr) -> bool {
        peer.port() == self.address.port() && peer.ip().to_canonical() == self.address.ip()
    }
}

/// Returns whether this machine has a way to a place, without sending anything.
fn has_way(destination: SocketAddr) -> Result<(), Errno> {
    let any: IpAddr = if destination.is_ipv6() {
        std::net::Ipv6Addr::UNSPECIFIED.into()
    } else {
        Ipv4Addr::UNSPECIFIED.into()
    };
    let connected = UdpSocket::bind((any, 0)).and_then(|socket| socket.connect(destination));
    connected.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::NETUNREACH))
}

/// Waits for a connection that has begun.
fn finished(socket: &OwnedFd) -> Result<(), Errno> {
    match wait(socket, PollFlags::OUT, ACCEPT)? {
        true => sockopt::socket_error(socket)?,
        false => Err(Errno::TIMEDOUT),
    }
}

fn ask(socket: &OwnedFd, destination: SocketAddr, (waits, fields): (bool, &str)) -> io::Result<()> {
    let grant = if waits { "connected" } else { "at-once" };
    let head = format!(
        "CONNECT {destination} HTTP/1.1\r\nHost: {destination}\r\nDashcam-Grant: {grant}\r\n{fields}\r\n"
    );
    // A new connection has room for it.
    let sent = send(socket, head.as_bytes(), SendFlags::DONTWAIT | SendFlags::NOSIGNAL)?;
    if sent == head.len() { Ok(()) } else { Err(io::ErrorKind::WriteZero.into()) }
}

/// The head of the answer, of which no byte stays in the socket, and no byte behind it is taken. `None` if nobody waits
/// for it any more.
async fn answer(socket: &OwnedFd, awaited: impl Fn() -> bool) -> io::Result<Option<Vec<u8>>> {
    #[expect(deprecated, reason = "its replacement is unsafe, and a borrowed descriptor stays what it is")]
    let socket = AsyncFd::with_interest(socket.as_fd(), Interest::READABLE)?;
    let (mut head, begun) = (Vec::new(), Instant::now());
    let mut ahead = vec![0; 2048];
    while head.len() < LONGEST && begun.elapsed() < ANSWER {
        let Ok(readable) = timeout(LOOK, socket.readable()).await else {
            if awaited() {
                continue;
            }
            return Ok(None);
        };
        let peek = |socket: &AsyncFd<_>| {
            let peeked = recv(socket.get_ref(), &mut ahead[..], RecvFlags::PEEK | RecvFlags::DONTWAIT);
            Ok(peeked.map(|(_, seen)| seen)?)
        };
        let Ok(seen) = readable?.try_io(peek) else { continue };
        let seen = seen?;
        if seen == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let before = head.len();
        head.extend_from_slice(&ahead[..seen]);
        let end = head.windows(4).position(|end| end == b"\r\n\r\n").map(|end| end + 4);
        let taken = end.unwrap_or(head.len()) - before;
        recv(socket.get_ref(), &mut ahead[..taken], RecvFlags::DONTWAIT)?;
        if let Some(end) = end {
            head.truncate(end);
            return Ok(Some(head));
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

fn wait(socket: &OwnedFd, event: PollFlags, limit: Duration) -> Result<bool, Errno> {
    let limit = Timespec::try_from(limit).map_err(|_| Errno::INVAL)?;
    match poll(&mut [PollFd::new(socket, event)], Some(&limit)) {
        Err(Errno::INTR) => Ok(false),
        ready => Ok(ready? > 0),
    }
}

/// The error that the program would have got; the reason is in the words of RFC 9209.
fn judge(head: &[u8]) -> Result<(), Errno> {
    let text = String::from_utf8_lossy(head);
    let status = text.split(' ').nth(1).unwrap_or_default();
    let reasons = [
        ("connection_refused", Errno::CONNREFUSED),
        ("connection_timeout", Errno::TIMEDOUT),
        ("destination_ip_unroutable", Errno::HOSTUNREACH),
        ("connection_limit_reached", Errno::AGAIN),
    ];
    let reason = || reasons.iter().find(|(reason, _)| text.contains(&format!("error={reason}")));
    match status {
        "200" => Ok(()),
        "403" | "407" | "508" => Err(Errno::ACCESS),
        _ => Err(reason().map_or(Errno::CONNREFUSED, |(_, error)| *error)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::thread;

    use rustix::net::{SocketType, socket};

    use super::*;

    #[test]
    fn answers_are_the_errors_of_connect() {
        for (head, expected) in [
            ("HTTP/1.1 200 Connection established\r\n\r\n", Ok(())),
            (
                "HTTP/1.1 502 Bad Gateway\r\nProxy-Status: dashcam; error=connection_refused\r\n\r\n",
                Err(Errno::CONNREFUSED),
            ),
            (
                "HTTP/1.1 502 Bad Gateway\r\nProxy-Status: dashcam; error=connection_timeout\r\n\r\n",
                Err(Errno::TIMEDOUT),
            ),
            (
                "HTTP/1.1 502 Bad Gateway\r\nProxy-Status: dashcam; error=destination_ip_unroutable\r\n\r\n",
                Err(Errno::HOSTUNREACH),
            ),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", Err(Errno::ACCESS)),
            ("HTTP/1.1 502 Bad Gateway\r\n\r\n", Err(Errno::CONNREFUSED)),
        ] {
            assert_eq!(judge(head.as_bytes()), expected, "{head}");
        }
    }

    /// A proxy that answers the first CONNECT with `answer` in two pieces; what it was asked.
    fn proxy(answer: [&'static str; 2]) -> (Gateway, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            let mut asked = vec![0; 1024];
            let length = stream.read(&mut asked).unwrap();
            for part in answer {
                stream.write_all(part.as_bytes()).unwrap();
            }
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        (Gateway { address, fields: Some("X: y\r\n".to_owned()) }, asked)
    }

    /// Asks, and waits for the answer.
    async fn open(gateway: &Gateway, socket: &OwnedFd, destination: SocketAddr) -> Result<(), NotConnected> {
        gateway.ask(socket, (destination, true))?;
        gateway.granted(socket, || true).await
    }

    #[tokio::test]
    async fn the_answer_is_taken_to_its_last_byte_and_no_further() {
        for family in [AddressFamily::INET, AddressFamily::INET6] {
            let (gateway, asked) = proxy(["HTTP/1.1 200 OK\r\nA: b\r\n\r", "\nthe server's"]);
            let socket = socket(family, SocketType::STREAM, None).unwrap();
            let destination = "192.0.2.7:25".parse().unwrap();
            open(&gateway, &socket, destination).await.unwrap();
            let mut left = String::new();
            TcpStream::from(socket).read_to_string(&mut left).unwrap();
            assert_eq!(left, "the server's");
            let asked = asked.join().unwrap();
            assert_eq!(
                asked,
                "CONNECT 192.0.2.7:25 HTTP/1.1\r\nHost: 192.0.2.7:25\r\nDashcam-Grant: connected\r\nX: y\r\n\r\n"
            );
        }
    }

    #[tokio::test]
    async fn a_socket_that_was_refused_can_be_connected_again() {
        let (gateway, asked) = proxy(["HTTP/1.1 403 Forbidden\r\n\r\n", ""]);
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        let refused = open(&gateway, &socket, "192.0.2.7:25".parse().unwrap()).await;
        assert!(matches!(refused, Err(NotConnected::Refused(Errno::ACCESS))), "{refused:?}");
        asked.join().unwrap();
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        connect(&socket, &other.local_addr().unwrap()).unwrap();
    }

    #[tokio::test]
    async fn nobody_waits_for_a_program_that_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gateway = Gateway { address: listener.local_addr().unwrap(), fields: Some(String::new()) };
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        gateway.ask(&socket, ("192.0.2.7:25".parse().unwrap(), true)).unwrap();
        let granted = gateway.granted(&socket, || false).await;
        assert!(matches!(granted, Err(NotConnected::Abandoned)), "{granted:?}");
    }
}
