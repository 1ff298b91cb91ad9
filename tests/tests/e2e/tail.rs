//! `dashcam tail -f` over restarts of dashcam: no hole, no double, and its end.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result};
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

use crate::same::through;

/// A `dashcam tail` that runs, and the lines that it has said.
struct Tail {
    child: Child,
    stdout: Arc<Mutex<Vec<String>>>,
    stderr: Arc<Mutex<Vec<String>>>,
    _reading: JoinSet<()>,
}

impl Tail {
    fn start(home: &Path, arguments: &[&str]) -> Result<Self> {
        let mut command = cli(home)?;
        command.arg("tail").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (stdout, stderr) = (Arc::default(), Arc::default());
        let mut reading = JoinSet::new();
        reading.spawn(read(child.stdout.take().context("stdout")?, Arc::clone(&stdout)));
        reading.spawn(read(child.stderr.take().context("stderr")?, Arc::clone(&stderr)));
        Ok(Self { child, stdout, stderr, _reading: reading })
    }

    /// The exchanges that it showed as JSON.
    fn shown(&self) -> Result<Vec<Exchange>> {
        let lines = self.stdout.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        lines.iter().map(|line| exchange(line)).collect()
    }

    fn said(&self) -> String {
        self.stderr.lock().unwrap_or_else(std::sync::PoisonError::into_inner).join("\n")
    }

    async fn says(&self, text: &str) -> Result<()> {
        eventually(text, async || Ok(self.said().contains(text).then_some(()))).await
    }

    async fn signal(&self, name: &str) -> Result<()> {
        let pid = self.child.id().context("it has ended")?.to_string();
        Command::new("kill").args([name, &pid]).status().await?;
        Ok(())
    }

    /// Waits until it shows an exchange: requests go on until then, as it does not say when it has begun.
    async fn has_begun(&self, dashcam: &Dashcam, origin: &Origin) -> Result<()> {
        let mut number = 0;
        eventually("tail shows an exchange", async || {
            number += 1;
            send(dashcam, origin, &format!("begin={number}")).await?;
            Ok((!self.shown()?.is_empty()).then_some(()))
        })
        .await
    }
}

/// An exchange's id and its URL: after a crash another exchange may have its id.
type Exchange = (i64, String);

fn exchange(row: &str) -> Result<Exchange> {
    let row: Value = serde_json::from_str(row)?;
    Ok((row["id"].as_i64().context("an id")?, row["url"].as_str().context("a URL")?.to_owned()))
}

async fn read(from: impl AsyncRead + Unpin, to: Arc<Mutex<Vec<String>>>) {
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        to.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(line);
    }
}

async fn send(dashcam: &Dashcam, origin: &Origin, query: &str) -> Result<()> {
    ask("curl --http1.1", &through(dashcam), &[Ask::get(origin.url(&format!("/digest?{query}")))]).await?;
    Ok(())
}

/// All exchanges that have ended, of those whose ids are behind `after`.
async fn ended(home: &Path, after: i64) -> Result<Vec<Exchange>> {
    let mut command = cli(home)?;
    let run = async { Ok(command.args(["ls", "--json", "-n", "10000", "not state:open"]).output().await?) };
    let output = within("dashcam ls", run).await?;
    let rows = String::from_utf8(output.stdout)?;
    let rows: Vec<Exchange> = rows.lines().map(exchange).collect::<Result<_>>()?;
    Ok(rows.into_iter().filter(|(id, _)| *id > after).collect())
}

#[tokio::test]
async fn it_survives_that_dashcam_is_killed() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    // It is under way when dashcam is killed, and interrupted then. It began before all that tail sees.
    let mut silent = raw::open(dashcam.proxy()).await?;
    let request = format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", origin.url("/silence"));
    silent.write_all(request.as_bytes()).await?;
    eventually("it is stored", async || {
        let stored = dashcam.api().get("/exchanges/selection?filter=path:/silence").await?;
        Ok((stored["open"] == 1).then_some(()))
    })
    .await?;
    let mut tail = Tail::start(home, &["-f", "--json"])?;
    let mut first = None;
    for round in 0..3 {
        tail.has_begun(&dashcam, &origin).await?;
        first = first.or(tail.shown()?.first().map(|(id, _)| *id));
        send(&dashcam, &origin, &format!("before={round}")).await?;
        dashcam.kill().await?;
        tail.says("dashcam is away, waiting").await?;
        dashcam = Dashcam::start_in(home, &[]).await?;
        for number in 0..5 {
            send(&dashcam, &origin, &format!("after={round}.{number}")).await?;
        }
        dashcam.api().ended(&format!("/digest?after={round}.4")).await?;
        let expect = ended(home, first.context("one was shown")? - 1).await?;
        eventually("all are shown", async || {
            let shown = tail.shown()?;
            Ok(expect.iter().all(|one| shown.contains(one)).then_some(()))
        })
        .await?;
    }
    let mut shown = tail.shown()?;
    assert!(
        shown.iter().any(|(id, url)| *id == 1 && url.ends_with("/silence")),
        "the one that was interrupted: {shown:?}"
    );
    let count = shown.len();
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(shown.len(), count, "doubles: {shown:?}");
    assert!(tail.said().contains("dashcam is here again"), "{}", tail.said());
    tail.signal("-INT").await?;
    let ended = within("tail ends", async { Ok(tail.child.wait().await?) }).await?;
    assert_eq!(ended.code(), Some(0));
    Ok(())
}

/// A program that keeps a database locked until it is killed.
async fn lock(database: &Path) -> Result<Child> {
    let script = "import sqlite3, sys\nbase = sqlite3.connect(sys.argv[1])\nbase.execute('BEGIN IMMEDIATE')\n\
        print('locked', flush=True)\nsys.stdin.read()";
    let mut locker = Command::new("python3");
    locker.args(["-c", script]).arg(database).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut locker = locker.kill_on_drop(true).spawn()?;
    let mut said = BufReader::new(locker.stdout.take().context("stdout")?).lines();
    let said = within("it is locked", async { Ok(said.next_line().await?) }).await?;
    assert_eq!(said.as_deref(), Some("locked"));
    Ok(locker)
}

/// One is shown before it is stored, and lost as dashcam is killed: the next one gets its id.
#[tokio::test]
async fn an_id_that_is_given_again_is_another_exchange() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    send(&dashcam, &origin, "stored").await?;
    dashcam.api().ended("/digest?stored").await?;
    let mut locker = lock(&home.join("dashcam.db")).await?;
    send(&dashcam, &origin, "lost").await?;
    dashcam.api().ended("/digest?lost").await?;
    let tail = Tail::start(home, &["-f", "--json"])?;
    eventually("it is shown", async || Ok((!tail.shown()?.is_empty()).then_some(()))).await?;
    dashcam.kill().await?;
    locker.kill().await?;
    dashcam = Dashcam::start_in(home, &[]).await?;
    for query in ["found", "another"] {
        send(&dashcam, &origin, query).await?;
        dashcam.api().ended(&format!("/digest?{query}")).await?;
    }
    eventually("all are shown", async || Ok((tail.shown()?.len() > 2).then_some(()))).await?;
    let expect = [(2, "lost"), (2, "found"), (3, "another")];
    assert_eq!(tail.shown()?, expect.map(|(id, query)| (id, origin.url(&format!("/digest?{query}")))));
    Ok(())
}

#[tokio::test]
async fn it_says_how_many_retention_took_meanwhile() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    let tail = Tail::start(home, &["--follow", "--json", "path:/digest", "-status:404"])?;
    tail.has_begun(&dashcam, &origin).await?;
    // It hears nothing from now on.
    tail.signal("-STOP").await?;
    dashcam.kill().await?;
    dashcam = Dashcam::start_in(home, &["--max-exchanges", "5"]).await?;
    for number in 0..20 {
        send(&dashcam, &origin, &format!("lost={number}")).await?;
    }
    dashcam.api().ended("/digest?lost=19").await?;
    eventually("five are left", async || {
        Ok((dashcam.api().get("/status").await?["database"]["exchanges"] == 5).then_some(()))
    })
    .await?;
    let left = ended(home, 0).await?;
    tail.signal("-CONT").await?;
    tail.says("of the time in between can't be shown: deleted by the bounds of the recording").await?;
    eventually("the others are shown", async || {
        let shown = tail.shown()?;
        Ok(left.iter().all(|one| shown.contains(one)).then_some(()))
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn it_ends_with_dashcam_unless_it_is_to_follow() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let home = folder.path();
    let mut waits = Tail::start(home, &["-f"])?;
    waits.says("dashcam is away, waiting").await?;
    let mut dashcam = Dashcam::start_in(home, &[]).await?;
    let mut ends = Tail::start(home, &["--json"])?;
    ends.has_begun(&dashcam, &origin).await?;
    dashcam.stop().await?;
    let ended = within("tail ends", async { Ok(ends.child.wait().await?) }).await?;
    assert_eq!(ended.code(), Some(0), "{}", ends.said());
    assert!(waits.child.try_wait()?.is_none());
    // A filter that can't be read is no reason to wait.
    let _dashcam = Dashcam::start_in(home, &[]).await?;
    let mut wrong = Tail::start(home, &["-f", "staus:5"])?;
    let ended = within("tail ends", async { Ok(wrong.child.wait().await?) }).await?;
    wrong.says("did you mean").await?;
    assert_eq!(ended.code(), Some(1));
    Ok(())
}
