//! The guarantees of rules on disks that hang, are full or are slow: each does what it says, and others do not notice.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::disk::{Disk, or_skipped};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::load::{Load, quantile};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::Message;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{read, recording};

/// Requests whose query names a guarantee have it; all others have none.
const RULES: &str = "\
    [[rules]]\nname = \"audit\"\nmatch = 'url:lossless'\nlevel = \"full\"\nguarantee = \"lossless\"\n\
    [[rules]]\nname = \"soon\"\nmatch = 'url:bounded'\nlevel = \"full\"\nguarantee = \"bounded 5ms\"\n";
/// How much longer answers may take on a machine that runs other tests.
const SLACK: Duration = Duration::from_secs(2);
/// The bytes that the recorder may hold.
const MEMORY: u64 = 4 << 20;

/// A dashcam that records to `disk`, with a lossless exchange waiting for at most `wait`.
async fn start(disk: &Path, wait: &str) -> Result<(tempfile::TempDir, Dashcam)> {
    let home = tempfile::tempdir()?;
    let config = format!(
        "{RULES}[recorder]\nmemory = {MEMORY}\nexchanges = 2000\naddress_share = 100\nlossless_wait = \"{wait}\"\n"
    );
    std::fs::write(home.path().join("config.toml"), config)?;
    let path = disk.join("dashcam.db").display().to_string();
    let dashcam = Dashcam::start_in(home.path(), &["--db", &path, "--min-free", "none"]).await?;
    Ok((home, dashcam))
}

/// One answer, and how long it took.
struct Answer {
    message: Message,
    took: Duration,
}

impl Answer {
    fn status(&self) -> Result<u16> {
        self.message.head.status()
    }

    /// Checks that it is a refusal that says why.
    fn is_refusal(&self, why: &str) -> Result<()> {
        let text = String::from_utf8_lossy(&self.message.body).into_owned();
        ensure!(self.status()? == 503 && self.message.head.field("Retry-After").is_some(), "{text}");
        ensure!(text.contains("only if it is recorded") && text.contains(why), "{text}");
        Ok(())
    }
}

async fn ask(proxy: SocketAddr, base: String, host: String, target: String) -> Result<Answer> {
    let start = Instant::now();
    let mut io = raw::open(proxy).await?;
    let message = raw::get(&mut io, &format!("{base}{target}"), &host).await?;
    Ok(Answer { message, took: start.elapsed() })
}

/// Asks for all `targets` at the same time.
fn ask_all(
    dashcam: &Dashcam,
    origin: &Origin,
    targets: impl Iterator<Item = String>,
) -> JoinSet<Result<Answer>> {
    let (base, host) = (origin.url(""), origin.address().to_string());
    targets.map(|target| ask(dashcam.proxy(), base.clone(), host.clone(), target)).collect()
}

async fn answers(mut asked: JoinSet<Result<Answer>>) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    while let Some(answer) = within("all are answered", async { Ok(asked.join_next().await) }).await? {
        answers.push(answer??);
    }
    Ok(answers)
}

/// How many requests whose targets have `word` reached the origin.
fn reached(origin: &Origin, word: &str) -> usize {
    origin.site().seen().iter().filter(|seen| seen.target.contains(word)).count()
}

/// The exchanges whose URLs have `word`, as the API has them.
async fn recorded(dashcam: &Dashcam, word: &str) -> Result<Vec<Value>> {
    let found = dashcam.api().get(&format!("/exchanges?limit=500&filter=url:{word}")).await?;
    found["exchanges"].as_array().cloned().context("exchanges")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_disk_that_hangs() -> Result<()> {
    let Some(mut disk) = or_skipped(Disk::ext4(256)) else { return Ok(()) };
    let origin = Origin::http().await?;
    let (_home, dashcam) = start(disk.path(), "4s").await?;
    let load = Load::start(dashcam.proxy(), &origin, 4, 2000);
    load.go_on(Duration::from_secs(2)).await?;
    let before = load.answers();
    disk.freeze()?;
    // The batch that is stored at this moment hangs, and the next ones wait behind it.
    load.more(50).await?;
    let lossless = ask_all(&dashcam, &origin, (0..20).map(|number| format!("/bytes/9?lossless={number}")));
    let bounded =
        answers(ask_all(&dashcam, &origin, (0..20).map(|number| format!("/bytes/9?bounded={number}"))))
            .await?;
    for answer in &bounded {
        ensure!(answer.status()? == 200 && answer.took < SLACK, "bounded: {:?}", answer.took);
    }
    load.go_on(Duration::from_secs(2)).await?;
    ensure!((lossless.len(), reached(&origin, "lossless")) == (20, 0), "nobody goes on without a record");
    let waiting = dashcam.api().get("/status").await?["recorder"]["guarantees"]["waiting"].clone();
    ensure!(waiting == 20, "{waiting} wait");
    // Those that are not let go in time are refused.
    for answer in answers(lossless).await? {
        answer.is_refusal("recorder.lossless_wait")?;
        ensure!(answer.took < Duration::from_secs(4) + 2 * SLACK, "{:?}", answer.took);
    }
    let during = load.answers().split_off(before.len());
    let lossless =
        ask_all(&dashcam, &origin, (0..20).map(|number| format!("/bytes/9?lossless=late-{number}")));
    disk.thaw()?;
    for answer in answers(lossless).await? {
        ensure!(answer.status()? == 200, "{}", answer.message.head.start);
    }
    ensure!(reached(&origin, "lossless") == 20);
    let [p99, frozen] = [&before, &during].map(|answers| quantile(answers, 0.99));
    eprintln!("others: p99 {p99:?} of {}, {frozen:?} of {} while the disk hung", before.len(), during.len());
    ensure!(frozen < p99 * 2 + SLACK, "p99 {p99:?}, and {frozen:?} while the disk hung");
    load.stop().await?;
    // Those for which there was no room have no record. They are counted, as dropped and as refused.
    let exchanges = recorded(&dashcam, "lossless").await?;
    let complete = exchanges.iter().filter(|exchange| exchange["state"] == "complete").count();
    ensure!(
        complete == 20 && exchanges.iter().all(|one| one["state"] == "complete" || one["state"] == "refused")
    );
    let counts = dashcam.api().get("/status").await?["recorder"]["guarantees"].clone();
    ensure!(
        (&counts["refused"], &counts["broken_off"], &counts["waiting"]) == (&json!(20), &json!(0), &json!(0)),
        "{counts}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk() -> Result<()> {
    let Some(disk) = or_skipped(Disk::tmpfs(48)) else { return Ok(()) };
    let origin = Origin::http().await?;
    let (_home, dashcam) = start(disk.path(), "30s").await?;
    let load = Load::start(dashcam.proxy(), &origin, 4, 5000);
    load.more(100).await?;
    // One whose second event waits is under way, and goes on once there is room.
    let mut stream = raw::open(dashcam.proxy()).await?;
    let (url, host) = (origin.url("/events?lossless=stream"), origin.address());
    raw::send(&mut stream, &format!("GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await?;
    eventually("the stream is there", async || Ok((reached(&origin, "lossless=stream") == 1).then_some(())))
        .await?;
    // The database may grow at the same moment.
    eventually("the disk is full", async || Ok(disk.fill(1 << 20).ok())).await?;
    recording(&dashcam, "paused").await?;
    let targets = |word: &'static str| (0..10).map(move |number| format!("/bytes/9?{word}={number}"));
    for word in ["none", "bounded"] {
        for answer in answers(ask_all(&dashcam, &origin, targets(word))).await? {
            ensure!(answer.status()? == 200 && answer.took < SLACK, "{word}: {:?}", answer.took);
        }
    }
    for answer in answers(ask_all(&dashcam, &origin, targets("lossless"))).await? {
        answer.is_refusal("the disk is full")?;
        ensure!(answer.took < SLACK, "{:?}", answer.took);
    }
    ensure!(reached(&origin, "lossless") == 1, "none of them went to the origin");
    load.more(200).await?;
    let traffic = dashcam.api().get("/status").await?["traffic"].clone();
    ensure!(traffic["requests"]["refused"] == 10, "{traffic}");
    origin.site().open_gate();

    disk.empty()?;
    recording(&dashcam, "recording").await?;
    for answer in answers(ask_all(&dashcam, &origin, targets("lossless"))).await? {
        ensure!(answer.status()? == 200, "{}", answer.message.head.start);
    }
    let events = within("the stream ends", dashcam_tests::wire::read_response(&mut stream, "GET")).await?;
    ensure!(events.body == b"data: first\n\ndata: second\n\n", "{:?}", events.body);
    load.stop().await?;
    for exchange in recorded(&dashcam, "lossless").await? {
        ensure!(exchange["state"] == "complete" && exchange["truncated"] != true, "{exchange}");
    }
    ensure!(recorded(&dashcam, "lossless").await?.len() == 11);
    Ok(())
}

/// A disk that takes something only now and then: large bodies pass at its pace, and all of them is stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_slow_disk() -> Result<()> {
    let Some(mut disk) = or_skipped(Disk::ext4(256)) else { return Ok(()) };
    let origin = Origin::http().await?;
    let (_home, dashcam) = start(disk.path(), "30s").await?;
    let load = Load::start(dashcam.proxy(), &origin, 2, 500);
    load.more(50).await?;
    let before = load.answers();
    let targets = (0..6).map(|number| format!("/bytes/3000000?lossless={number}"));
    let mut asked = ask_all(&dashcam, &origin, targets);
    let mut done = 0;
    while done < 6 {
        disk.freeze()?;
        load.go_on(Duration::from_millis(300)).await?;
        disk.thaw()?;
        load.go_on(Duration::from_millis(100)).await?;
        while let Some(answer) = asked.try_join_next() {
            let answer = answer??;
            ensure!(answer.status()? == 200 && answer.message.body.len() == 3_000_000);
            done += 1;
        }
    }
    let during = load.answers().split_off(before.len());
    let slow = quantile(&during, 0.99);
    ensure!(slow < quantile(&before, 0.99) * 2 + SLACK, "others waited: {slow:?}");
    load.stop().await?;
    let exchanges = recorded(&dashcam, "lossless").await?;
    for exchange in &exchanges {
        let detail = dashcam.api().get(&format!("/exchanges/{}", exchange["id"])).await?;
        let body = &detail["response_body"];
        ensure!((&body["size"], &body["stored"]) == (&json!(3_000_000), &json!(3_000_000)), "{detail}");
        ensure!(detail["state"] == "complete", "{detail}");
    }
    ensure!(exchanges.len() == 6, "{exchanges:?}");
    let held = dashcam.api().get("/status").await?["recorder"]["queued_bytes"].as_u64();
    ensure!(held.context("queued_bytes")? <= MEMORY, "{held:?}");
    Ok(())
}

/// Killed as soon as a lossless response has arrived: its exchange is whole in the store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_right_after_a_response() -> Result<()> {
    const TIMES: usize = 20;
    let (origin, home) = (Origin::http().await?, tempfile::tempdir()?);
    std::fs::write(home.path().join("config.toml"), RULES)?;
    let mut took = Vec::new();
    for number in 0..TIMES {
        let mut dashcam = Dashcam::start_in(home.path(), &["--plain-bodies"]).await?;
        let load = Load::start(dashcam.proxy(), &origin, 2, 3000);
        load.more(20).await?;
        let path = format!("/bytes/{}?lossless={number}", 1 + number * 20_000);
        let (base, host) = (origin.url(""), origin.address().to_string());
        let answer = ask(dashcam.proxy(), base, host, path).await?;
        dashcam.kill().await?;
        ensure!(answer.status()? == 200 && answer.message.body.len() == 1 + number * 20_000);
        took.push(answer.took);
        load.killed().await;
    }
    took.sort_unstable();
    eprintln!("a lossless exchange took {:?} in the middle, {:?} at most", took[TIMES / 2], took[TIMES - 1]);
    let found = read(&home.path().join("dashcam.db")).await?;
    ensure!((&found["integrity"], &found["torn"]) == (&json!(["ok"]), &json!([])), "{found}");
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let exchanges = recorded(&dashcam, "lossless").await?;
    let complete = exchanges.iter().filter(|exchange| exchange["state"] == "complete").count();
    ensure!((exchanges.len(), complete) == (TIMES, TIMES), "{exchanges:?}");
    Ok(())
}

/// Heads alone, bodies of known length, chunks with trailers, answers that break off, and dashcam's own.
#[tokio::test]
async fn every_kind_of_response_passes_as_it_is() -> Result<()> {
    let origin = Origin::http().await?;
    let config = RULES.replace("url:lossless", "");
    let dashcam = Dashcam::start_with(&config, &[]).await?;
    let host = origin.address().to_string();
    let mut io = raw::open(dashcam.proxy()).await?;
    let upload = "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for (method, path, rest, status, length) in [
        ("GET", "/status/204", "\r\n", 204, 0),
        ("GET", "/status/304", "\r\n", 304, 0),
        ("HEAD", "/bytes/700", "\r\n", 200, 0),
        ("GET", "/bytes/0", "\r\n", 200, 0),
        ("GET", "/bytes/700", "\r\n", 200, 700),
        ("GET", "/bytes/700000", "\r\n", 200, 700_000),
        ("GET", "/chunked", "\r\n", 200, 13),
        ("GET", "/early", "\r\n", 200, 4),
        ("POST", "/digest", upload, 200, 66),
    ] {
        let url = origin.url(path);
        raw::send(&mut io, &format!("{method} {url} HTTP/1.1\r\nHost: {host}\r\n{rest}")).await?;
        let answer = loop {
            let answer = within(path, dashcam_tests::wire::read_response(&mut io, method)).await?;
            if answer.head.status()? >= 200 {
                break answer;
            }
        };
        ensure!(
            (answer.head.status()?, answer.body.len()) == (status, length),
            "{path}: {}",
            answer.body.len()
        );
        // It is on record as soon as its end is here.
        let exchange = &recorded(&dashcam, path).await?[0];
        ensure!(exchange["state"] == "complete" && exchange["cut"] == false, "{exchange}");
    }
    let dead = Origin::dead()?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let answer = raw::get(&mut io, &format!("http://{}/gone", dead.1), &dead.1.to_string()).await?;
    ensure!(answer.head.status()? == 502, "{}", answer.head.start);
    ensure!(recorded(&dashcam, "/gone").await?[0]["state"] == "failed");
    let mut io = raw::open(dashcam.proxy()).await?;
    raw::send(&mut io, &format!("GET {} HTTP/1.1\r\nHost: {host}\r\n\r\n", origin.url("/cut"))).await?;
    let cut = within("the end", dashcam_tests::wire::read_response(&mut io, "GET")).await;
    ensure!(cut.is_err(), "what breaks off does not look whole");
    let exchange = dashcam.api().ended("/cut").await?;
    ensure!(exchange["state"] == "failed", "{exchange}");
    Ok(())
}
