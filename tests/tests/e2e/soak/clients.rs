//! Clients of all kinds, which ask again and again, send nothing twice and know what they are to get.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result, bail, ensure};
use dashcam_tests::eventually::within;
use dashcam_tests::h2::peer::Peer;
use dashcam_tests::origin::Stream;
use dashcam_tests::wire::read_head;
use dashcam_tests::{h2, raw};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::world::{HELLO, HELLO_BACK, World};
use crate::switching::answer_of;

/// A kind of client.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Plain,
    Secure,
    Http2,
    WebSocket,
    Large,
    OfDyingUpstream,
}

/// The clients.
const KINDS: [Kind; 8] = [
    Kind::Plain,
    Kind::Plain,
    Kind::Secure,
    Kind::Secure,
    Kind::Http2,
    Kind::WebSocket,
    Kind::Large,
    Kind::OfDyingUpstream,
];
/// How many they are.
pub(super) const ALL: usize = KINDS.len();
/// Requests, or messages, of a connection.
const OF_CONNECTION: u32 = 50;

/// Starts them.
pub(super) fn start(world: &Arc<World>, tasks: &mut JoinSet<Result<()>>) {
    for kind in KINDS {
        tasks.spawn(ask(Arc::clone(world), kind));
    }
}

/// Asks over one connection after the other. Only a kill may cut them.
async fn ask(world: Arc<World>, kind: Kind) -> Result<()> {
    while world.goes_on() {
        let life = world.up().await?;
        match connection(&world, kind).await {
            Ok(()) => {}
            Err(_) if world.life() != life => _ = world.counts.killed.fetch_add(1, Ordering::Relaxed),
            Err(error) => return Err(error.context(format!("a client: {kind:?}"))),
        }
    }
    Ok(())
}

async fn connection(world: &World, kind: Kind) -> Result<()> {
    match kind {
        Kind::Plain => plain(world, 2000).await,
        Kind::Large => plain(world, 900_000).await,
        Kind::Secure => secure(world).await,
        Kind::Http2 => http2(world).await,
        Kind::WebSocket => web_socket(world).await,
        Kind::OfDyingUpstream => dying(world).await,
    }
}

/// Ticks at the pace of now.
fn ticks(world: &World) -> Option<Interval> {
    let pause = world.pause();
    (!pause.is_zero()).then(|| {
        let mut ticks = interval(pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    })
}

async fn turn(world: &World, ticks: &mut Option<Interval>) -> bool {
    if let Some(ticks) = ticks {
        ticks.tick().await;
    }
    world.goes_on()
}

fn answered(world: &World) {
    world.counts.answered.fetch_add(1, Ordering::Relaxed);
}

async fn plain(world: &World, bytes: usize) -> Result<()> {
    let (mut io, host) = (raw::open(world.proxy).await?, world.plain.address().to_string());
    let (target, mut ticks) = (world.plain.url(&format!("/bytes/{bytes}?n=soak")), ticks(world));
    for _ in 0..OF_CONNECTION {
        if !turn(world, &mut ticks).await {
            break;
        }
        let answer = raw::get(&mut io, &target, &host).await?;
        ensure!(answer.head.status()? == 200 && answer.body.len() == bytes, "{}", answer.head.start);
        answered(world);
        if closes(&answer.head) {
            break;
        }
    }
    Ok(())
}

fn closes(head: &dashcam_tests::wire::Head) -> bool {
    head.field("connection").is_some_and(|field| field.eq_ignore_ascii_case("close"))
}

async fn secure(world: &World) -> Result<()> {
    let authority = format!("localhost:{}", world.secure.port());
    let io = raw::tunnel(world.proxy, &authority).await?;
    let (mut io, mut ticks) = (raw::tls(io, &world.roots, "localhost").await?, ticks(world));
    for _ in 0..OF_CONNECTION {
        if !turn(world, &mut ticks).await {
            break;
        }
        let answer = raw::get(&mut io, "/json?secure", &authority).await?;
        ensure!(answer.head.status()? == 200, "{}", answer.head.start);
        answered(world);
        if closes(&answer.head) {
            break;
        }
    }
    Ok(())
}

async fn http2(world: &World) -> Result<()> {
    let io = raw::tunnel(world.proxy, &format!("localhost:{}", world.secure.port())).await?;
    let (mut peer, mut ticks) = (Peer::client(h2::tls(io, &world.roots).await?, &[]).await?, ticks(world));
    for stream in (1..).step_by(2).take(OF_CONNECTION as usize) {
        if !turn(world, &mut ticks).await {
            break;
        }
        let is_last = within("an answer over HTTP/2", answer_of(&mut peer, stream)).await?;
        answered(world);
        if is_last {
            break;
        }
    }
    Ok(())
}

async fn web_socket(world: &World) -> Result<()> {
    let authority = format!("localhost:{}", world.sockets.port());
    let io = raw::tunnel(world.proxy, &authority).await?;
    let (mut io, mut ticks) = (raw::tls(io, &world.roots, "localhost").await?, ticks(world));
    shake_hands(&mut io, &authority).await?;
    for _ in 0..OF_CONNECTION {
        if !turn(world, &mut ticks).await {
            break;
        }
        io.write_all(HELLO).await?;
        io.flush().await?;
        let mut back = [0; HELLO_BACK.len()];
        within("an echo", async { Ok(io.read_exact(&mut back).await?) }).await?;
        ensure!(back == HELLO_BACK, "{back:?}");
        answered(world);
    }
    Ok(())
}

async fn shake_hands(io: &mut Stream, authority: &str) -> Result<()> {
    let ask = format!(
        "GET /chat HTTP/1.1\r\nHost: {authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    raw::send(io, &ask).await?;
    let head = within("an answer to the handshake", read_head(io)).await?.context("none")?;
    ensure!(head.status()? == 101, "{}", head.start);
    Ok(())
}

/// Asks an upstream that dies and lives again. The client gets its answer or, by HTTP's rules, a 502.
async fn dying(world: &World) -> Result<()> {
    let (mut io, host) = (raw::open(world.proxy).await?, world.dying.address().to_string());
    let (target, mut ticks) = (world.dying.url("/"), ticks(world));
    for _ in 0..OF_CONNECTION {
        if !turn(world, &mut ticks).await {
            break;
        }
        let answer = raw::get(&mut io, &target, &host).await?;
        match answer.head.status()? {
            200 => answered(world),
            502 => _ = world.counts.upstream_failed.fetch_add(1, Ordering::Relaxed),
            _ => bail!("{}", answer.head.start),
        }
        if closes(&answer.head) {
            break;
        }
    }
    Ok(())
}
