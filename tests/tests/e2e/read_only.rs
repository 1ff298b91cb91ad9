//! A recording that is only looked at, while another instance writes it and without one.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::read_response;
use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};

use crate::same::through;

/// `dashcam --db FILE --read-only` with a home of its own.
pub(crate) struct Viewer {
    child: Child,
    page: SocketAddr,
    token: String,
    home: tempfile::TempDir,
}

impl Viewer {
    pub(crate) async fn of(database: &Path) -> Result<Self> {
        let home = tempfile::tempdir()?;
        let log = home.path().join("stderr.log");
        let mut command = cli(home.path())?;
        command.arg("--db").arg(database).args(["--read-only", "--web-port", "0"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(std::fs::File::create(&log)?);
        let child = command.spawn()?;
        let page = eventually("the viewer says where its page is", async || {
            let log = std::fs::read_to_string(&log)?;
            let rest = log.split_once("the page is on http://").map(|(_, rest)| rest);
            Ok(rest.and_then(|rest| rest.split_once('/')).and_then(|(address, _)| address.parse().ok()))
        })
        .await?;
        let token = std::fs::read_to_string(home.path().join("token"))?.trim().to_owned();
        Ok(Self { child, page, token, home })
    }

    /// The page's address, with the token.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/?token={}", self.page, self.token)
    }

    fn head(&self, method: &str, path: &str) -> String {
        let (page, token) = (self.page, &self.token);
        format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: {page}\r\nAuthorization: Bearer {token}\r\n\
             Content-Length: 0\r\n\r\n"
        )
    }

    pub(crate) async fn call(&self, method: &str, path: &str) -> Result<(u16, Value)> {
        let mut io = raw::open(self.page).await?;
        raw::send(&mut io, &self.head(method, path)).await?;
        let answer = read_response(&mut io, method).await?;
        Ok((answer.head.status()?, serde_json::from_slice(&answer.body).unwrap_or_default()))
    }

    pub(crate) async fn number(&self) -> Result<usize> {
        let (_, list) = self.call("GET", "/exchanges?limit=1000").await?;
        Ok(list["exchanges"].as_array().context("a list")?.len())
    }
}

/// The signals that switch recording and take a snapshot mean nothing to a viewer, and do not end it.
#[tokio::test]
async fn signals_of_a_dashcam_that_records_do_not_end_a_viewer() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let _dashcam = Dashcam::start_in(folder.path(), &[]).await?;
    let mut viewer = Viewer::of(&folder.path().join("dashcam.db")).await?;
    let pid = viewer.child.id().context("it runs")?.to_string();
    for signal in ["-USR1", "-USR2"] {
        Command::new("kill").args([signal, &pid]).status().await?;
        assert_eq!(viewer.call("GET", "/status").await?.0, 200, "{signal}");
        assert!(viewer.child.try_wait()?.is_none(), "{signal}");
    }
    Ok(())
}

#[tokio::test]
async fn a_live_recording_is_watched_and_not_touched() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(folder.path(), &[]).await?;
    let get = |n: u32| [Ask::get(origin.url(&format!("/digest?{n}")))];
    ask("curl --http1.1", &through(&dashcam), &get(1)).await?;
    let id = dashcam.api().ended("/digest?1").await?["id"].to_string();

    let database = folder.path().join("dashcam.db");
    let viewer = Viewer::of(&database).await?;
    let (_, status) = viewer.call("GET", "/status").await?;
    assert_eq!((&status["read_only"], &status["listeners"]), (&true.into(), &serde_json::json!([])));
    assert_eq!(viewer.number().await?, 1);
    assert_eq!(viewer.call("GET", &format!("/exchanges/{id}")).await?.1["status"], 200);
    for (method, path) in [
        ("POST", format!("/exchanges/{id}/replay")),
        ("PUT", format!("/exchanges/{id}/pin")),
        ("DELETE", format!("/exchanges/{id}/pin")),
        ("DELETE", format!("/exchanges/{id}")),
        ("DELETE", "/exchanges".to_owned()),
        ("PATCH", "/settings".to_owned()),
    ] {
        let (status, error) = viewer.call(method, &path).await?;
        assert_eq!((status, &error["error"]["code"]), (403, &"read_only".into()), "{method} {path}");
    }

    // What the other one records is noticed.
    let mut live = raw::open(viewer.page).await?;
    raw::send(&mut live, &viewer.head("GET", "/live")).await?;
    ask("curl --http1.1", &through(&dashcam), &get(2)).await?;
    dashcam.api().ended("/digest?2").await?;
    let mut heard = String::new();
    eventually("the stream tells of something new", async || {
        let mut piece = [0; 1024];
        let length = live.read(&mut piece).await?;
        heard.push_str(&String::from_utf8_lossy(&piece[..length]));
        Ok(heard.contains("event: missed").then_some(()))
    })
    .await?;
    eventually("it is there", async || Ok((viewer.number().await? == 2).then_some(()))).await?;

    // The instance goes on, ends well, and the viewer stays.
    assert_eq!(dashcam.api().get("/status").await?["database"]["exchanges"], 2);
    assert_eq!(dashcam.stop().await?.code(), Some(0));
    assert_eq!(viewer.number().await?, 2);
    let mut names: Vec<_> = std::fs::read_dir(viewer.home.path())?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<_, _>>()?;
    names.sort();
    assert_eq!(names, ["stderr.log", "token"], "no socket, no certificate");
    // Another one may record to it meanwhile.
    let again = Dashcam::start_in(folder.path(), &[]).await?;
    ask("curl --http1.1", &through(&again), &get(3)).await?;
    eventually("the third is there", async || Ok((viewer.number().await? == 3).then_some(()))).await?;
    drop(viewer.child);
    Ok(())
}

#[tokio::test]
async fn a_copy_stays_as_it_is() -> Result<()> {
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(folder.path(), &[]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/digest?1"))]).await?;
    dashcam.api().ended("/digest?1").await?;
    dashcam.stop().await?;
    let copies = tempfile::tempdir()?;
    let copy = copies.path().join("copy.db");
    std::fs::copy(folder.path().join("dashcam.db"), &copy)?;
    let before = std::fs::read(&copy)?;
    let viewer = Viewer::of(&copy).await?;
    assert_eq!(viewer.number().await?, 1);
    assert_eq!(viewer.call("DELETE", "/exchanges").await?.0, 403);
    drop(viewer);
    assert!(std::fs::read(&copy)? == before);
    assert!(!copies.path().join("copy.db.lock").exists());
    Ok(())
}
