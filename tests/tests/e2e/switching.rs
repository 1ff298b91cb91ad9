//! Recording that is switched off and on under load: no request of any client fails, though none is sent twice.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail, ensure};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::h2;
use dashcam_tests::h2::frame::headers;
use dashcam_tests::h2::peer::{Event, Peer};
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::wire::read_head;
use dashcam_tests::{raw, test_ca};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often recording is switched off, and on again.
const SWITCHES: usize = 1000;
/// Requests, or messages, of a connection: then a new one is opened, which is decrypted if recording is on.
const OF_CONNECTION: usize = 12;
const CLIENTS_OF_A_KIND: usize = 3;
/// A text message "hello" from a client, masked with zeros, and the same from a server.
const HELLO: &[u8] = b"\x81\x85\0\0\0\0hello";
const HELLO_BACK: &[u8] = b"\x81\x05hello";

/// The clients' world: they trust both authorities, since the origin shows its own certificate while recording is off.
#[derive(Debug, Clone)]
struct World {
    proxy: std::net::SocketAddr,
    authority: String,
    roots: PathBuf,
    stop: Arc<AtomicBool>,
    answered: Arc<watch::Sender<usize>>,
    /// Connections whose client was told to open another: by `Connection: close`, and by GOAWAY.
    told: Arc<[AtomicUsize; 2]>,
}

impl World {
    async fn tunnel(&self) -> Result<Stream> {
        raw::tunnel(self.proxy, &self.authority).await
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    fn note_answer(&self) {
        self.answered.send_modify(|answered| *answered += 1);
    }

    fn note_told(&self, by: usize) {
        self.told[by].fetch_add(1, Ordering::Relaxed);
    }
}

fn both_roots(dashcam: &Dashcam, folder: &Path) -> Result<PathBuf> {
    let roots = folder.join("roots.pem");
    let [ours, theirs] = [dashcam.ca(), test_ca::shared()?.file()].map(std::fs::read_to_string);
    std::fs::write(&roots, ours? + &theirs?)?;
    Ok(roots)
}

async fn http1(world: World) -> Result<()> {
    while world.goes_on() {
        let mut io = raw::tls(world.tunnel().await?, &world.roots, "localhost").await?;
        for _ in 0..OF_CONNECTION {
            let answer = raw::get(&mut io, "/json?http1", &world.authority).await.context("HTTP/1")?;
            ensure!(answer.head.status()? == 200, "{}", answer.head.start);
            world.note_answer();
            if answer.head.field("connection").is_some_and(|field| field.eq_ignore_ascii_case("close")) {
                world.note_told(0);
                break;
            }
        }
    }
    Ok(())
}

async fn http2(world: World) -> Result<()> {
    while world.goes_on() {
        let mut peer = Peer::client(h2::tls(world.tunnel().await?, &world.roots).await?, &[]).await?;
        for stream in (1..).step_by(2).take(OF_CONNECTION) {
            let answer = within("an answer over HTTP/2", answer_of(&mut peer, stream)).await;
            world.note_answer();
            if answer.context("HTTP/2")? {
                world.note_told(1);
                break;
            }
        }
    }
    Ok(())
}

/// Asks, and reads the answer; true if the connection is not to be used again.
pub(crate) async fn answer_of(peer: &mut Peer, stream: u32) -> Result<bool> {
    let fields =
        [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/json?http2")];
    peer.write(&headers(stream, &fields, true)).await?;
    let mut told = false;
    loop {
        match peer.next().await? {
            Event::GoAway { code: h2::code::NO_ERROR, last } if last >= stream => told = true,
            Event::Data { ends: true, .. } => return Ok(told),
            Event::Headers { fields, .. } => {
                ensure!(h2::peer::value(&fields, ":status") == Some("200"), "{fields:?}");
            }
            broken @ (Event::GoAway { .. } | Event::Reset { .. } | Event::Closed) => bail!("{broken:?}"),
            _ => {}
        }
    }
}

async fn web_socket(world: World, port: u16) -> Result<()> {
    let authority = format!("localhost:{port}");
    while world.goes_on() {
        let io = raw::tunnel(world.proxy, &authority).await?;
        let mut io = raw::tls(io, &world.roots, "localhost").await?;
        let ask = format!(
            "GET /chat HTTP/1.1\r\nHost: {authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        raw::send(&mut io, &ask).await?;
        let head = within("an answer to the handshake", read_head(&mut io)).await?.context("none")?;
        ensure!(head.status()? == 101, "{}", head.start);
        for _ in 0..OF_CONNECTION * 4 {
            io.write_all(HELLO).await?;
            io.flush().await?;
            let mut back = [0; HELLO_BACK.len()];
            within("an echo", async { Ok(io.read_exact(&mut back).await?) }).await?;
            ensure!(back == HELLO_BACK, "{back:?}");
            world.note_answer();
        }
    }
    Ok(())
}

/// Switches recording on or off, in one of three ways: by the level, by rules, or by a lease before both.
async fn switch_to(dashcam: &Dashcam, switch: usize, is_on: bool) -> Result<()> {
    let api = dashcam.api();
    let call = async |method: &str, path: &str, body: serde_json::Value| -> Result<serde_json::Value> {
        let answer = api.call(method, path, &body).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        ensure!(answer.head.status()? == 200, "{method} {path}: {text}");
        Ok(serde_json::from_str(&text)?)
    };
    match (switch % 3, is_on) {
        (0, _) => api.change(&json!({"level": if is_on { "full" } else { "off" }})).await?,
        (1, false) => {
            // By the destination, by the request, and by the response.
            let rules = json!([
                {"name": "host", "match": "host:localhost", "level": "off"},
                {"name": "path", "match": "path:/json", "level": "metadata", "sample": "50%"},
                {"name": "late", "match": "status:5xx", "level": "full"},
            ]);
            call("PUT", "/rules", json!({"rules": rules})).await?;
        }
        (1, true) => drop(call("PUT", "/rules", json!({"rules": []})).await?),
        (_, false) => {
            let lease = json!({"level": "off", "match": "host:localhost", "lasting_us": 3_600_000_000_u64});
            call("POST", "/leases", lease).await?;
        }
        (_, true) => {
            for lease in call("GET", "/leases", serde_json::Value::Null).await?["leases"]
                .as_array()
                .into_iter()
                .flatten()
            {
                call("DELETE", &format!("/leases/{}", lease["id"]), serde_json::Value::Null).await?;
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn no_request_fails_while_recording_goes_off_and_on() -> Result<()> {
    let origin = Origin::https().await?;
    let sockets = h2::origin::upgrading(false, "101 Switching Protocols", HELLO, HELLO_BACK).await?;
    let dashcam = Dashcam::start(&[]).await?;
    let folder = tempfile::tempdir()?;
    let world = World {
        proxy: dashcam.proxy(),
        authority: format!("localhost:{}", origin.port()),
        roots: both_roots(&dashcam, folder.path())?,
        stop: Arc::default(),
        answered: Arc::default(),
        told: Arc::default(),
    };
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS_OF_A_KIND {
        clients.spawn(http1(world.clone()));
        clients.spawn(http2(world.clone()));
        clients.spawn(web_socket(world.clone(), sockets.port()));
    }
    for switch in 0..SWITCHES {
        for is_on in [false, true] {
            let mut answers = world.answered.subscribe();
            let before = *answers.borrow();
            switch_to(&dashcam, switch, is_on).await?;
            // Some traffic meets each state.
            within("an answer", async {
                tokio::select! {
                    answered = answers.wait_for(|answered| *answered > before + 2) => answered.map(|_| ()).map_err(anyhow::Error::from),
                    ended = clients.join_next() => ended.context("no client is left")??,
                }
            })
            .await?;
        }
    }
    world.stop.store(true, Ordering::Relaxed);
    while let Some(client) = clients.join_next().await {
        client??;
    }
    let told = [0, 1].map(|by| world.told[by].load(Ordering::Relaxed));
    assert!(told.iter().all(|told| *told > 0), "connections were drained by close and GOAWAY: {told:?}");
    let status = dashcam.api().get("/status").await?;
    assert!(
        status["ledger"]["seen"].as_u64() > Some(0) && status["ledger"]["not_recorded"].as_u64() > Some(0)
    );
    assert_eq!(status["traffic"]["requests"]["failed"], 0, "{}", status["traffic"]);
    Ok(())
}

/// An idle connection stays: its next response says that it closes, and a pipelined request is answered before that.
#[tokio::test]
async fn an_idle_connection_is_told_in_its_next_response() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let authority = format!("localhost:{}", origin.port());
    let mut io =
        raw::tls(raw::tunnel(dashcam.proxy(), &authority).await?, &dashcam.ca(), "localhost").await?;
    assert_eq!(raw::get(&mut io, "/json?first", &authority).await?.head.status()?, 200);
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    assert!(!within("an answer", answer_of(&mut peer, 1)).await?);
    dashcam.api().change(&json!({"level": "off"})).await?;
    // A new connection sees the level, so that all others have been woken.
    let unread = raw::tunnel(dashcam.proxy(), &authority).await?;
    raw::tls(unread, &test_ca::shared()?.file(), "localhost").await?;

    let ask = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
    raw::send(&mut io, &[ask("/json?second"), ask("/json?third")].concat()).await?;
    for closes in [false, true] {
        let answer = within("an answer", dashcam_tests::wire::read_response(&mut io, "GET")).await?;
        assert_eq!(answer.head.status()?, 200);
        assert_eq!(answer.head.field("connection").is_some(), closes, "{:?}", answer.head);
    }
    assert!(within("an answer", answer_of(&mut peer, 3)).await?, "GOAWAY comes with the next answer");
    Ok(())
}

/// Tunnels that were opened while off are counted once recording is on, and closed on demand.
#[tokio::test]
async fn tunnels_opened_while_off_are_counted_and_closed() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&["--record", "off", "--ignore-hosts", "^127\\.0\\.0\\.1:"]).await?;
    let mut open = Vec::new();
    for name in ["localhost", "localhost", "127.0.0.1"] {
        let authority = format!("{name}:{}", origin.port());
        let io = raw::tunnel(dashcam.proxy(), &authority).await?;
        let mut io = raw::tls(io, &test_ca::shared()?.file(), name).await?;
        assert_eq!(raw::get(&mut io, "/json?off", &authority).await?.head.status()?, 200);
        open.push(io);
    }
    let on = dashcam.api().call("PATCH", "/settings", &json!({"level": "full"})).await?;
    let on: serde_json::Value = serde_json::from_slice(&on.body)?;
    assert_eq!((&on["level"], &on["unread_connections"]), (&json!("full"), &json!(2)), "not those ignored");
    assert_eq!(dashcam.api().get("/status").await?["unread_connections"], 2);
    let said = says(&dashcam, &["record"]).await?;
    assert!(said.contains("2 connections opened before are not recorded"), "{said}");
    assert!(says(&dashcam, &["status"]).await?.contains("2 connections opened before are not recorded"));

    let said = says(&dashcam, &["record", "full", "--close-tunnels"]).await?;
    assert!(said.contains("closing 2 connections opened before"), "{said}");
    for io in &mut open[..2] {
        let mut rest = Vec::new();
        let _cut_or_closed =
            within("the tunnel's end", async { Ok(io.read_to_end(&mut rest).await.is_ok()) }).await?;
        assert!(rest.is_empty());
    }
    eventually("none is left", async || {
        Ok((dashcam.api().get("/status").await?["unread_connections"] == 0).then_some(()))
    })
    .await?;
    let authority = format!("127.0.0.1:{}", origin.port());
    assert_eq!(raw::get(&mut open[2], "/json?stays", &authority).await?.head.status()?, 200);
    assert!(!says(&dashcam, &["record"]).await?.contains("opened before"));
    Ok(())
}

/// Runs `dashcam ARGUMENTS` and gives its stdout.
async fn says(dashcam: &Dashcam, arguments: &[&str]) -> Result<String> {
    let mut command = cli(dashcam.home())?;
    let output = within("the command", async { Ok(command.args(arguments).output().await?) }).await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
