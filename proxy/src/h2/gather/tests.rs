//! Tests that bytes leave in order and together, and that who writes them hears how that went.

use std::task::Waker;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use super::*;

/// A stream that is gathered, over a pipe that holds `room` bytes.
fn gathering(room: usize) -> (Gathering, Outlet, DuplexStream) {
    let (near, far) = tokio::io::duplex(room);
    let (gathering, outlet) = gather(Io::from(near));
    outlet.begin();
    (gathering, outlet, far)
}

/// The bytes that have come, without waiting for more.
fn arrived(far: &mut DuplexStream) -> Vec<u8> {
    let mut bytes = vec![0; 1 << 20];
    let mut buf = ReadBuf::new(&mut bytes);
    let _ = Pin::new(far).poll_read(&mut Context::from_waker(Waker::noop()), &mut buf);
    buf.filled().to_vec()
}

/// Polls as a connection that waits does.
fn wait(outlet: &Outlet) {
    let polled = outlet.poll(&mut Context::from_waker(Waker::noop()), |_| Poll::<()>::Pending);
    assert!(polled.is_pending());
}

#[tokio::test]
async fn what_is_written_leaves_together_when_the_connection_waits() {
    let (mut near, outlet, mut far) = gathering(1 << 20);
    for piece in ["one, ", "two, ", "three"] {
        near.write_all(piece.as_bytes()).await.unwrap();
        near.flush().await.unwrap();
    }
    assert!(arrived(&mut far).is_empty());
    wait(&outlet);
    assert_eq!(arrived(&mut far), b"one, two, three");
}

#[tokio::test]
async fn before_it_begins_nothing_is_held_back() {
    let (near, far) = tokio::io::duplex(64);
    let ((mut near, _outlet), mut far) = (gather(Io::from(near)), far);
    let pieces = [IoSlice::new(b""), IoSlice::new(b"settings"), IoSlice::new(b"more")];
    assert_eq!(near.write_vectored(&pieces).await.unwrap(), 8);
    near.flush().await.unwrap();
    assert_eq!(arrived(&mut far), b"settings");
}

#[tokio::test]
async fn no_more_is_held_than_may_be() {
    let (mut near, outlet, mut far) = gathering(1000);
    let sent: Vec<u8> = (0..MOST + 5000).map(|at| (at % 251) as u8).collect();
    let mut taken = 0;
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(written) = Pin::new(&mut near).poll_write(&mut cx, &sent[taken..]) {
        taken += written.unwrap();
    }
    assert_eq!(taken, MOST);
    let mut received = Vec::new();
    while received.len() < sent.len() {
        let came = arrived(&mut far);
        received.extend_from_slice(&came);
        if taken < sent.len() {
            if let Poll::Ready(written) = Pin::new(&mut near).poll_write(&mut cx, &sent[taken..]) {
                taken += written.unwrap();
            }
        } else {
            wait(&outlet);
        }
    }
    assert!(received == sent);
}

#[tokio::test]
async fn the_end_comes_behind_what_was_written() {
    let (mut near, _outlet, mut far) = gathering(64);
    near.write_all(b"goodbye").await.unwrap();
    near.shutdown().await.unwrap();
    let mut received = String::new();
    far.read_to_string(&mut received).await.unwrap();
    assert_eq!(received, "goodbye");
}

#[tokio::test]
async fn h2_hears_that_it_could_not_be_sent() {
    let (mut near, outlet, far) = gathering(64);
    drop(far);
    near.write_all(b"lost").await.unwrap();
    let mut buf = [0; 8];
    let read = poll_fn(|cx| {
        let near = &mut near;
        let mut waited = false;
        outlet.poll(cx, |cx| {
            // The pipe's end could be read as well, and is not what is asked about.
            if !std::mem::replace(&mut waited, true) {
                return Poll::Pending;
            }
            Pin::new(&mut *near).poll_read(cx, &mut ReadBuf::new(&mut buf))
        })
    });
    assert_eq!(read.await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}
