//! The cost of reading for the process that carries the traffic: far more is recorded than it may take.
//!
//! The recording is made by one instance and read from a fresh one, whose peak (`VmHWM`) is then that of reading alone.

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::curl_command;
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{DEADLINE, eventually, within};
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::raw;
use dashcam_tests::websocket::{Handshake, Pair, TARGET, Way, frame};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::same::through;

/// Bytes of a message, and how many of them are recorded.
const MESSAGE: usize = 4 << 20;
const MESSAGES: usize = 20;
/// Bytes of the body.
const BODY: u64 = (MESSAGE * MESSAGES) as u64;
/// How much a process may grow that reads all of it. Read whole, as JSON, it would take several times what is recorded.
const ROOM: u64 = 64 << 20;

/// Text that does not compress well, with characters that JSON escapes, and bytes that are no text.
fn payload(seq: usize) -> Vec<u8> {
    let mut state = seq as u64 + 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as u8
    };
    match seq % 2 {
        0 => {
            (0..MESSAGE).map(|_| b"0123456789abcdef\"\\\n\tghijklmnopqr"[usize::from(next() % 32)]).collect()
        }
        _ => (0..MESSAGE).map(|_| next()).collect(),
    }
}

async fn passes(from: &mut Stream, to: &mut Stream, bytes: &[u8]) -> Result<()> {
    let mut seen = vec![0; bytes.len()];
    let send = async {
        from.write_all(bytes).await?;
        from.flush().await
    };
    timeout(DEADLINE, async { tokio::try_join!(send, to.read_exact(&mut seen)) })
        .await
        .context("it hangs")??;
    ensure!(seen == bytes, "other bytes came");
    Ok(())
}

/// A recording of an exchange with all messages, in its home; and the exchange's id.
async fn messages() -> Result<(Pair, u64)> {
    let mut pair = Pair::open(Way::Reverse, Handshake::default(), &[]).await?;
    for seq in 0..MESSAGES {
        let opcode = if seq % 2 == 0 { 0x81 } else { 0x82 };
        passes(&mut pair.origin, &mut pair.client, &frame(opcode, None, &payload(seq))).await?;
        // As fast as the disk takes it: what is recorded is to be whole.
        eventually("the message is stored", async || {
            let rows = pair.dashcam.api().ending_in(TARGET).await?;
            let Some(id) = rows.first().and_then(|row| row["id"].as_u64()) else { return Ok(None) };
            let exchange = pair.dashcam.api().get(&format!("/exchanges/{id}")).await?;
            Ok((exchange["message_count"] == seq + 1).then_some(()))
        })
        .await?;
    }
    pair.origin.shutdown().await?;
    pair.client.shutdown().await?;
    let exchange = pair.dashcam.api().ended(TARGET).await?;
    assert_eq!(exchange["response_body"]["truncated"], false);
    pair.dashcam.stop().await?;
    Ok((pair, exchange["id"].as_u64().context("no number")?))
}

/// Reads `path` without keeping it; how many bytes came.
async fn read(dashcam: &Dashcam, path: &str) -> Result<u64> {
    let mut stream = UnixStream::connect(dashcam.home().join("control.sock")).await?;
    let head = format!("GET /api/v1{path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let (mut total, mut buffer, mut start) = (0, vec![0; 1 << 18], Vec::new());
    loop {
        match timeout(DEADLINE, stream.read(&mut buffer)).await.context("it hangs")?? {
            0 => break,
            count => {
                total += count as u64;
                start.extend_from_slice(&buffer[..count.min(64_usize.saturating_sub(start.len()))]);
            }
        }
    }
    ensure!(start.starts_with(b"HTTP/1.0 200"), "{path}: {}", String::from_utf8_lossy(&start));
    Ok(total)
}

/// Asserts that reading each of `paths` from a fresh instance in `home` brings at least `least` bytes, and costs no more than
/// [`ROOM`].
async fn costs_little(home: &std::path::Path, paths: &[(String, u64)]) -> Result<()> {
    for (path, least) in paths {
        let mut dashcam = Dashcam::start_in(home, &[]).await?;
        let before = dashcam.memory("VmRSS")?;
        let bytes = read(&dashcam, path).await?;
        let growth = dashcam.memory("VmHWM")?.saturating_sub(before);
        println!("{path}: {} MiB read, dashcam grew by {} MiB", bytes >> 20, growth >> 20);
        assert!(bytes >= *least, "{path}: only {bytes} bytes came");
        assert!(growth < ROOM, "{path}: dashcam grew by {} MiB", growth >> 20);
        dashcam.kill().await?;
    }
    Ok(())
}

/// Every message of exchange `id`, page by page; how many there were.
async fn list(dashcam: &Dashcam, id: u64) -> Result<usize> {
    let (mut count, mut after) = (0, String::new());
    loop {
        let page = dashcam.api().get(&format!("/exchanges/{id}/messages?limit=1000{after}")).await?;
        let messages = page["messages"].as_array().context("no list")?;
        ensure!(messages.iter().all(|message| message["preview"] == true), "a preview is not marked");
        count += messages.len();
        match page["next_after"].as_u64() {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(count),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_cost_little() -> Result<()> {
    let (pair, id) = messages().await?;
    let home = pair.dashcam.home();
    let payload = |seq: usize| (format!("/exchanges/{id}/messages/{seq}/payload"), MESSAGE as u64);
    let har = [(format!("/exchanges/{id}/har"), BODY), ("/export.har".to_owned(), BODY)];
    costs_little(home, &[har.as_slice(), &[payload(0), payload(1)]].concat()).await?;

    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    let before = dashcam.memory("VmRSS")?;
    assert_eq!(list(&dashcam, id).await?, MESSAGES);
    let growth = dashcam.memory("VmHWM")?.saturating_sub(before);
    println!("messages: dashcam grew by {} MiB", growth >> 20);
    assert!(growth < ROOM, "dashcam grew by {} MiB", growth >> 20);
    dashcam.kill().await?;

    let (id, file) = (id.to_string(), home.join("out.har").display().to_string());
    let archive = home.join("old.db").display().to_string();
    let lines = home.join("out.ndjson").display().to_string();
    for arguments in [
        vec!["show", &id],
        vec!["show", &id, "--json"],
        vec!["show", &id, "--message", "1"],
        vec!["export", "-o", &file],
        vec!["export", "--format", "ndjson", "-o", &lines],
        vec!["archive", "--before", "2099-01-01T00:00:00Z", "--to", &archive],
    ] {
        command_costs_little(home, &arguments).await?;
    }
    let har: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    assert_eq!(
        har["log"]["entries"][0]["_webSocketMessages"][0]["data"],
        *String::from_utf8(self::payload(0))?
    );
    Ok(())
}

/// The same of a command, which is a process of its own.
async fn command_costs_little(home: &std::path::Path, arguments: &[&str]) -> Result<()> {
    let mut command = cli(home)?;
    let mut child = command.args(arguments).stdout(std::process::Stdio::null()).spawn()?;
    let status = format!("/proc/{}/status", child.id().context("it has ended")?);
    let mut peak = 0;
    let ended = eventually("the command ends", async || {
        let kib = std::fs::read_to_string(&status).unwrap_or_default();
        let kib = kib
            .lines()
            .find(|line| line.starts_with("VmHWM"))
            .and_then(|line| line.split_whitespace().nth(1));
        // The peak only grows.
        peak = kib.and_then(|kib| kib.parse::<u64>().ok()).map_or(peak, |kib| kib << 10);
        Ok(child.try_wait()?)
    })
    .await?;
    println!("{arguments:?}: peak {} MiB", peak >> 20);
    ensure!(ended.success(), "{arguments:?}: {ended}");
    // With the program itself, of which a debug build takes more than 40 MiB before it reads anything.
    assert!(peak < ROOM + (48 << 20), "{arguments:?}: it took {} MiB", peak >> 20);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_body_costs_little() -> Result<()> {
    let origin = Origin::http().await?;
    let mut dashcam = Dashcam::start(&[]).await?;
    let target = format!("/bytes/{BODY}");
    let mut curl = curl_command(&through(&dashcam), &origin.url(&target));
    // Slower than a busy machine's disk: else the record is cut, as it is to be.
    ensure!(
        curl.args(["--limit-rate", "60M", "--output", "/dev/null"]).status().await?.success(),
        "curl failed"
    );
    let exchange = dashcam.api().ended(&target).await?;
    assert_eq!(exchange["response_body"]["stored"], BODY);
    let id = exchange["id"].as_u64().context("no number")?;
    dashcam.stop().await?;
    let paths = [("response/body", BODY), ("response/text?limit=4194304", 0), ("har", 32 << 20), ("curl", 0)];
    let paths = paths.map(|(path, least)| (format!("/exchanges/{id}/{path}"), least));
    costs_little(dashcam.home(), &paths).await?;
    let id = id.to_string();
    for arguments in [vec!["show", &id], vec!["show", &id, "--body"], vec!["show", &id, "--raw"]] {
        command_costs_little(dashcam.home(), &arguments).await?;
    }
    Ok(())
}

/// A reader that takes its time keeps nobody from bringing the write-ahead log into the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_holds_nothing_up() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let target = "/bytes/20000000";
    let run = curl_command(&through(&dashcam), &origin.url(target))
        .args(["--output", "/dev/null"])
        .status()
        .await?;
    ensure!(run.success(), "curl failed");
    let id = dashcam.api().ended(target).await?["id"].clone();
    let mut readers = Vec::new();
    for path in ["/export.har".to_owned(), format!("/exchanges/{id}/response/body")] {
        let mut stream = raw::open(dashcam.page()).await?;
        let token = std::fs::read_to_string(dashcam.home().join("token"))?;
        let head = format!(
            "GET /api/v1{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
            dashcam.page(),
            token.trim()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.flush().await?;
        let mut start = [0; 100];
        within("the answer begins", async { Ok(stream.read_exact(&mut start).await?) }).await?;
        ensure!(start.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&start));
        readers.push(stream);
    }
    // Written behind what they read: with a transaction of theirs open, this could not be brought in.
    let run = curl_command(&through(&dashcam), &origin.url("/json?behind")).output().await?;
    ensure!(run.status.success(), "curl failed");
    dashcam.api().ended("/json?behind").await?;
    let script = "import sqlite3, sys\nbase = sqlite3.connect(sys.argv[1])\n\
                  print(base.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchone()[0])";
    eventually("the log is brought in whole", async || {
        let mut python = tokio::process::Command::new("python3");
        let output = python.args(["-c", script]).arg(dashcam.home().join("dashcam.db")).output().await?;
        Ok((output.stdout == b"0\n").then_some(()))
    })
    .await?;
    drop(readers);
    Ok(())
}
