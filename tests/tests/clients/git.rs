//! git over smart HTTP: clone, fetch with negotiation, and a push in chunks, with git's own server behind the origin.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::Way;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::digest;
use dashcam_tests::origin::{Origin, Reply, Seen};
use dashcam_tests::same::direct;
use dashcam_tests::wire::field;

use crate::both::both;
use crate::files::{finish, program, tree};

/// git without anybody's configuration, with commits that are the same each time.
async fn git(way: &Way, folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = program("git", way, folder);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_SSL_CAINFO", &way.ca).env("GIT_TERMINAL_PROMPT", "0");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Tests").env(format!("GIT_{who}_EMAIL"), "tests@localhost");
        command.env(format!("GIT_{who}_DATE"), "2026-01-01T00:00:00Z");
    }
    // Small pieces: a push does not fit into one, and goes in chunks.
    command.args(["-c", "http.postBuffer=65536", "-c", "init.defaultBranch=main", "-c", "pack.threads=1"]);
    command.args(arguments);
    finish(command).await
}

/// A repository with some history at `root`/project.git.
async fn repository(root: &Path) -> Result<()> {
    let way = direct()?;
    let work = root.join("work");
    std::fs::create_dir(&work)?;
    git(&way, &work, &["init", "--quiet"]).await?;
    for version in 0..20 {
        std::fs::write(work.join(format!("file-{version}")), format!("version {version}\n").repeat(50))?;
        std::fs::write(work.join("changing"), format!("version {version}\n"))?;
        git(&way, &work, &["add", "."]).await?;
        git(&way, &work, &["commit", "--quiet", "--message", &format!("Version {version}")]).await?;
    }
    std::fs::write(work.join("large"), noise(700_000))?;
    git(&way, &work, &["add", "."]).await?;
    git(&way, &work, &["commit", "--quiet", "--message", "Something large"]).await?;
    reset(root).await
}

/// Bytes that cannot be compressed, so that packs are as large as they look.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Makes a new project.git, so that both ways find the same.
async fn reset(root: &Path) -> Result<()> {
    let bare = root.join("project.git");
    if bare.exists() {
        std::fs::remove_dir_all(&bare)?;
    }
    git(&direct()?, root, &["clone", "--quiet", "--bare", "work", "project.git"]).await?;
    git(&direct()?, &bare, &["config", "http.receivepack", "true"]).await?;
    Ok(())
}

/// Answers with `git http-backend` (a CGI program).
fn backend(root: &Path, request: &Seen) -> Result<Reply> {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let header = |name: &str| field(&request.fields, name).unwrap_or_default().to_owned();
    let body: Vec<u8> = request.body.chars().map(|char| char as u8).collect();
    let mut command = std::process::Command::new("git");
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("HOME", root);
    command.env("REQUEST_METHOD", &request.method).env("PATH_INFO", path).env("QUERY_STRING", query);
    command.env("CONTENT_TYPE", header("content-type")).env("CONTENT_LENGTH", body.len().to_string());
    command
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"));
    command.env("REMOTE_ADDR", "127.0.0.1").env("GIT_CONFIG_NOSYSTEM", "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().context("stdin is piped")?;
    let sending = std::thread::spawn(move || stdin.write_all(&body));
    let output = child.wait_with_output()?.stdout;
    // A backend that refuses does not read on.
    let _unread = sending.join();
    let end = output.windows(4).position(|four| four == b"\r\n\r\n").context("no head from http-backend")?;
    let head = std::str::from_utf8(&output[..end])?;
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    let mut reply = Reply { status: 200, body: output[end + 4..].to_vec(), ..Reply::default() };
    for (name, value) in fields {
        match name {
            "Status" => reply.status = value.split(' ').next().unwrap_or_default().parse()?,
            _ => reply.fields.push((name.to_owned(), value.to_owned())),
        }
    }
    Ok(reply)
}

/// Clones, fetches what is new, pushes a commit with a large file; gives what is there afterwards on both ends.
async fn work(way: Way, root: &Path, url: &str) -> Result<Vec<String>> {
    reset(root).await?;
    let folder = tempfile::tempdir()?;
    git(&way, folder.path(), &["clone", "--quiet", "--depth=3", url, "clone"]).await?;
    let clone = folder.path().join("clone");
    let shallow = git(&way, &clone, &["rev-list", "--count", "HEAD"]).await?;
    git(&way, &clone, &["fetch", "--quiet", "--unshallow"]).await?;
    let whole = git(&way, &clone, &["rev-list", "--count", "HEAD"]).await?;
    let files = format!("{:?}", tree(&clone, &[".git"])?);
    std::fs::write(clone.join("pushed"), noise(900_000))?;
    git(&way, &clone, &["add", "."]).await?;
    git(&way, &clone, &["commit", "--quiet", "--message", "Push this"]).await?;
    git(&way, &clone, &["push", "--quiet", "origin", "HEAD:refs/heads/pushed"]).await?;
    let pushed = git(&way, &root.join("project.git"), &["rev-parse", "pushed"]).await?;
    let content = git(&way, &clone, &["rev-parse", "HEAD"]).await?;
    ensure!(pushed == content, "pushed {content}, arrived {pushed}");
    git(&way, &clone, &["fsck", "--strict"]).await?;
    Ok(vec![shallow, whole, digest::of(files.as_bytes()), pushed])
}

async fn clone_fetch_push(origin: Origin) -> Result<()> {
    let root = tempfile::tempdir()?;
    repository(root.path()).await?;
    let served = root.path().to_owned();
    origin.site().answer_with(move |request| {
        let failed = |error: anyhow::Error| Reply {
            status: 500,
            body: format!("{error:#}").into_bytes(),
            ..Reply::default()
        };
        Some(backend(&served, request).unwrap_or_else(failed))
    });
    let dashcam = Dashcam::unredacted(&[]).await?;
    let url = origin.url("/project.git");
    let (got, seen) = both(&origin, &dashcam, async |way| work(way, root.path(), &url).await).await?;
    assert_eq!(&got[..2], ["3\n", "21\n"]);
    let size = |digest: &str| digest.split(' ').next().and_then(|size| size.parse().ok()).unwrap_or(0_u64);
    assert!(seen.iter().any(|seen| size(&seen.digest) > 900_000), "nothing large was pushed");
    assert!(seen.iter().any(|seen| size(&seen.sent) > 700_000), "nothing large was fetched");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http1() -> Result<()> {
    clone_fetch_push(Origin::https1().await?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2() -> Result<()> {
    clone_fetch_push(Origin::https().await?).await
}
