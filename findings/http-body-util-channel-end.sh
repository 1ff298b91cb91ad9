#!/usr/bin/env bash
# The channel body of Rust's http-body-util may end without the frames that were sent.
#
# `http_body_util::channel::Channel` is a body that another task writes. Its documentation says that
# data which is sent is received from the channel; a writer that sends a frame and is then dropped
# has said all that there is.
#
# Seen with http-body-util 0.1.5: `poll_frame` first asks the queue of frames, which is still empty,
# and then the channel for an error, whose sender is dropped along with the writer. If the writer
# sends its frame and ends between these two, the body ends cleanly and the frame is lost. It takes
# two threads: here it happened within the first thousand bodies. Over HTTP/2, a response with a
# Content-Length and such a body reaches the client as a stream error PROTOCOL_ERROR, as the h2
# crate counts bytes; the server that lost them reports nothing.
#
# A body whose end is that of the queue alone does not have this: tokio's receiver gives every
# message before `None`.
set -euo pipefail
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
export CARGO_TARGET_DIR="$tmp/target"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"

[dependencies]
bytes = "=1.11.0"
http-body = "=1.0.1"
http-body-util = { version = "=0.1.5", features = ["channel"] }
tokio = { version = "1", features = ["rt", "sync"] }
TOML

cat >src/main.rs <<'RS'
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use http_body_util::BodyExt;

/// Bodies that are tried, at most.
const MOST: u32 = 30_000_000;

/// Asks again until there is an answer; the writer is never far.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
        std::hint::spin_loop();
    }
}

fn main() {
    let (work, writer) = mpsc::sync_channel::<Sender<Bytes, Infallible>>(0);
    std::thread::spawn(move || {
        for mut sender in writer {
            sender.try_send(http_body::Frame::data(Bytes::from_static(b"frame"))).expect("there is room");
        }
    });
    for tried in 1..=MOST {
        let (sender, body) = Channel::<Bytes, Infallible>::new(1);
        work.send(sender).unwrap();
        let whole = wait(body.collect()).unwrap().to_bytes();
        if whole.is_empty() {
            println!("a body of one frame ended without it");
            eprintln!("after {tried} bodies");
            return;
        }
    }
    println!("every body had its frame");
}
RS
cargo run --quiet --release >seen
cat seen
grep -qx "a body of one frame ended without it" seen
