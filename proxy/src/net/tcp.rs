//! TCP connections, be it a client's or to an upstream.

use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::coop;

use crate::net::turns;

/// A connection without traffic is probed after a minute, and given up after another.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 4;
/// Bytes that the system takes of us beyond those on their way. Else it takes megabytes for each peer that does not
/// read, which costs memory that nobody counts, and time.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNSENT: u32 = 256 << 10;
/// Bytes that count as much as a call.
const CALL: usize = 1024;

/// Connections that wait to be accepted, at most, as far as the system lets so many wait (`net.core.somaxconn`): what a
/// burst brings beyond it comes a second later.
const WAITING: u32 = 4096;

/// A listener at `address`; `shared`: with other programs that share it too (`SO_REUSEPORT`).
pub(crate) fn listen(address: SocketAddr, shared: bool) -> io::Result<TcpListener> {
    bind(address, shared)?.listen(WAITING)
}

/// A listener at `address` that also takes connections to other addresses, which the firewall leads to it. False if it
/// takes only those whose address the firewall changes to ours (REDIRECT), as the rest needs `CAP_NET_ADMIN` (TPROXY).
#[cfg(any(target_os = "android", target_os = "linux"))]
pub(crate) fn listen_for_others(address: SocketAddr, shared: bool) -> io::Result<(TcpListener, bool)> {
    let socket = bind(address, shared)?;
    let options = SockRef::from(&socket);
    let all = if address.is_ipv4() {
        options.set_ip_transparent_v4(true)
    } else {
        options.set_ip_transparent_v6(true)
    };
    Ok((socket.listen(WAITING)?, all.is_ok()))
}

/// Other systems don't say whom a connection was meant for.
#[cfg(not(any(target_os = "android", target_os = "linux")))]
pub(crate) fn listen_for_others(_address: SocketAddr, _shared: bool) -> io::Result<(TcpListener, bool)> {
    Err(io::Error::other("transparent listeners need Linux"))
}

/// The address that `stream`'s client connected to: before the firewall changed it, if it did.
pub(crate) fn original_destination(stream: &TcpStream) -> Option<SocketAddr> {
    let own = stream.local_addr().ok()?;
    let original = before_redirection(stream, own.ip().to_canonical().is_ipv4()).unwrap_or(own);
    Some(canonical(original))
}

/// The address before the firewall's REDIRECT. Without its connection tracking there is none.
#[cfg(any(target_os = "android", target_os = "linux"))]
fn before_redirection(stream: &TcpStream, is_ipv4: bool) -> Option<SocketAddr> {
    let socket = SockRef::from(stream);
    let original = if is_ipv4 { socket.original_dst_v4() } else { socket.original_dst_v6() };
    original.ok()?.as_socket()
}

#[cfg(not(any(target_os = "android", target_os = "linux")))]
fn before_redirection(_stream: &TcpStream, _is_ipv4: bool) -> Option<SocketAddr> {
    None
}

/// Returns whether an address belongs to this machine: only then can a socket be bound to it.
pub(crate) fn is_this_machine(ip: IpAddr) -> bool {
    std::net::UdpSocket::bind((ip, 0)).is_ok()
}

/// The address as others write it: without a zone, and an IPv4 address as one.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn bind(address: SocketAddr, shared: bool) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As tokio does where it binds by itself: connections of an earlier run that linger are in nobody's way.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    if shared {
        #[cfg(unix)]
        socket.set_reuseport(true)?;
        #[cfg(not(unix))]
        return Err(io::Error::other("this system shares no ports: leave out reuse-port"));
    }
    socket.bind(address)?;
    Ok(socket)
}

/// All options only improve a connection that works without them: errors are ignored.
pub(crate) fn tune(stream: &TcpStream) {
    // Without it small writes wait for acknowledgements.
    let _ = stream.set_nodelay(true);
    let socket = SockRef::from(stream);
    // It finds peers that vanished without a word.
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_IDLE).with_interval(KEEPALIVE_INTERVAL);
    let _ = socket.set_tcp_keepalive(&keepalive.with_retries(KEEPALIVE_RETRIES));
    #[cfg(any(target_os = "android", target_os = "linux"))]
    let _ = socket.set_tcp_notsent_lowat(UNSENT);
}

/// Acknowledges at once what came on `stream`. A peer that writes a message's head and body apart may hold the body back
/// until then (Nagle's algorithm), and the system takes 40 ms where it expects an answer to carry the acknowledgement.
pub(crate) fn acknowledge(stream: &TcpStream) {
    // Elsewhere, or if it fails, it takes that long.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    let _ = stream.set_quickack(true);
}

/// Chooses whether the other side sees a reset when `stream` is closed, be it by us or by the system at our end, or a clean
/// end. What was written and is still under way is lost with a reset.
pub(crate) fn set_reset_at_close(stream: &TcpStream, reset: bool) {
    // It is closed in any case; this only chooses how.
    let _ = SockRef::from(stream).set_linger(reset.then_some(Duration::ZERO));
}

/// A stream whose task takes turns with others (`turns.rs`).
#[derive(Debug)]
pub(crate) struct Tcp(TcpStream);

impl Tcp {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self(stream)
    }

    /// The stream itself.
    pub(crate) fn get_ref(&self) -> &TcpStream {
        &self.0
    }
}

impl AsyncRead for Tcp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(turns::poll_go_on(cx));
        let before = buf.filled().len();
        let read = Pin::new(&mut self.0).poll_read(cx, buf);
        spend(buf.filled().len() - before);
        read
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(turns::poll_go_on(cx));
        Pin::new(&mut self.0).poll_write(cx, bytes).map_ok(spend)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(turns::poll_go_on(cx));
        Pin::new(&mut self.0).poll_write_vectored(cx, pieces).map_ok(spend)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// Takes from what tokio lets a task do before others have their turn: it counts a call as one of 128, whether it
/// moves a byte or a megabyte, and that many megabytes would be a long turn. Gives `bytes` back.
fn spend(bytes: usize) -> usize {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..bytes / CALL {
        match coop::poll_proceed(&mut context) {
            Poll::Ready(call) => call.made_progress(),
            Poll::Pending => break,
        }
    }
    bytes
}
