//! The side that ends a relay first.

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::net::{TcpListener, TcpStream};

use super::*;

#[tokio::test]
async fn the_side_that_closes_first_is_known_and_when_it_did() {
    for side in [Side::Client, Side::Upstream] {
        let ((near, client), (far, upstream)) = (duplex(64), duplex(64));
        let draining = CancellationToken::new();
        let limits = RelayLimits { draining: &draining, close: None, idle: None };
        let closing = async {
            let (mut first, mut second) =
                if side == Side::Client { (client, upstream) } else { (upstream, client) };
            first.shutdown().await.unwrap();
            second.read_to_end(&mut Vec::new()).await.unwrap();
            let seen = Instant::now();
            second.shutdown().await.unwrap();
            first.read_to_end(&mut Vec::new()).await.unwrap();
            seen
        };
        let relay = both_ways((near.into(), far.into()), |_: &[u8]| {}, |_: &[u8]| {}, limits);
        let (ended, seen) = tokio::join!(relay, closing);
        assert!(ended.result.is_ok() && ended.first.0 == side && ended.first.1 <= seen, "{side:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_is_closed_on_demand_or_at_the_shutdown_is_ended_by_neither_side() {
    for is_draining in [false, true] {
        let ((near, _client), (far, _upstream)) = (duplex(64), duplex(64));
        let (draining, close) = (CancellationToken::new(), CancellationToken::new());
        if is_draining { &draining } else { &close }.cancel();
        let limits = RelayLimits { draining: &draining, close: Some(&close), idle: None };
        let ended = both_ways((near.into(), far.into()), |_: &[u8]| {}, |_: &[u8]| {}, limits).await;
        assert!(ended.result.is_ok() && ended.first.0 == Side::Proxy, "draining: {is_draining}");
    }
}

/// Two ends of a TCP connection.
async fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
    (near.unwrap(), far.unwrap().0)
}

/// Bytes of which no two neighbouring pieces are the same.
fn pattern() -> Vec<u8> {
    (0..65_521u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

async fn send(to: &mut (impl AsyncWriteExt + Unpin), size: usize) {
    let (pattern, mut left) = (pattern(), size);
    while left > 0 {
        let piece = &pattern[..left.min(pattern.len())];
        to.write_all(piece).await.unwrap();
        left -= piece.len();
    }
    to.shutdown().await.unwrap();
}

/// Reads to the end: how many bytes came, all of them right.
async fn receive(from: &mut (impl AsyncReadExt + Unpin)) -> usize {
    let (pattern, mut buffer, mut received) = (pattern(), vec![0; 64 << 10], 0);
    loop {
        let read = from.read(&mut buffer).await.unwrap();
        let mut left = &buffer[..read];
        while !left.is_empty() {
            let expected = &pattern[received % pattern.len()..];
            let length = left.len().min(expected.len());
            assert!(left[..length] == expected[..length], "wrong near byte {received}");
            (left, received) = (&left[length..], received + length);
        }
        if read == 0 {
            return received;
        }
    }
}

#[tokio::test]
async fn many_bytes_pass_both_ways_and_each_half_closes_by_itself() {
    const UP: usize = (110 << 20) + 7;
    const DOWN: usize = (105 << 20) + 13;
    let ((near, client), (far, upstream)) = (connection().await, connection().await);
    let draining = CancellationToken::new();
    let limits = RelayLimits { draining: &draining, close: None, idle: None };
    let (mut up, mut down) = (0, 0);
    let (count_up, count_down) = (|bytes: &[u8]| up += bytes.len(), |bytes: &[u8]| down += bytes.len());
    let relay = both_ways((near.into(), far.into()), count_up, count_down, limits);
    let client = async move {
        let (mut read, mut write) = client.into_split();
        // The answer comes once the upstream has seen the end of the request.
        send(&mut write, UP).await;
        receive(&mut read).await
    };
    let upstream = async move {
        let (mut read, mut write) = upstream.into_split();
        let received = receive(&mut read).await;
        send(&mut write, DOWN).await;
        received
    };
    let (ended, received, sent) = tokio::join!(relay, client, upstream);
    assert!(ended.result.is_ok() && ended.first.0 == Side::Client);
    assert_eq!((sent, received), (UP, DOWN));
    assert_eq!((up, down), (UP, DOWN), "bytes that were counted");
}

#[tokio::test]
async fn a_reset_amid_many_bytes_is_the_other_sides_reset_too() {
    let ((near, mut client), (far, upstream)) = (connection().await, connection().await);
    let draining = CancellationToken::new();
    let limits = RelayLimits { draining: &draining, close: None, idle: None };
    let relay = both_ways((near.into(), far.into()), |_: &[u8]| {}, |_: &[u8]| {}, limits);
    let sending = async {
        let pattern = pattern();
        loop {
            if let Err(error) = client.write_all(&pattern).await {
                return error.kind();
            }
        }
    };
    let upstream = async {
        let mut upstream = upstream;
        upstream.read_exact(&mut vec![0; 8 << 20]).await.unwrap();
        crate::net::tcp::set_reset_at_close(&upstream, true);
    };
    let (ended, client, ()) = tokio::join!(relay, sending, upstream);
    assert_eq!(ended.result.unwrap_err().side, Side::Upstream);
    assert!(matches!(client, io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe), "{client}");
}

/// A read passes over urgent data.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn urgent_data_amid_many_bytes_holds_nothing_up() {
    const BEHIND: usize = 300_007;
    let ((near, client), (far, mut upstream)) = (connection().await, connection().await);
    let draining = CancellationToken::new();
    let limits = RelayLimits { draining: &draining, close: None, idle: None };
    let relay = both_ways((near.into(), far.into()), |_: &[u8]| {}, |_: &[u8]| {}, limits);
    let before = pattern().len() * 128;
    let client = async move {
        let (mut read, mut write) = client.into_split();
        for _ in 0..128 {
            write.write_all(&pattern()).await.unwrap();
        }
        let stream: &TcpStream = write.as_ref();
        let urgent = || Ok(rustix::net::send(stream, b"!", rustix::net::SendFlags::OOB)?);
        stream.async_io(tokio::io::Interest::WRITABLE, urgent).await.unwrap();
        send(&mut write, BEHIND).await;
        read.read_to_end(&mut Vec::new()).await.unwrap();
    };
    let upstream = async move {
        let received = receive(&mut upstream).await;
        upstream.shutdown().await.unwrap();
        received
    };
    let (ended, (), received) = tokio::join!(relay, client, upstream);
    assert!(ended.result.is_ok());
    assert_eq!(received, before + BEHIND);
}
