//! Programs that connect: recorded with their connections, shown and found.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::Notify;

/// This test's own program, as `dashcam show` and lists name it.
fn own_name() -> Result<String> {
    let path = std::env::current_exe()?;
    Ok(path.file_name().context("no name")?.to_string_lossy().into_owned())
}

/// The newest exchange whose URL ends in `end`, once its program is known.
async fn sent_by(dashcam: &Dashcam, end: &str) -> Result<Value> {
    let api = dashcam.api();
    eventually(&format!("the program that asks for {end}"), async || {
        let Some(row) = api.ending_in(end).await?.pop() else { return Ok(None) };
        let exchange = api.get(&format!("/exchanges/{}", row["id"])).await?;
        Ok((!exchange["sent_by"].is_null()).then_some(exchange))
    })
    .await
}

/// An origin that answers once it is told to.
async fn origin_that_waits() -> Result<(Origin, Arc<Notify>)> {
    let go = Arc::new(Notify::new());
    let told = Arc::clone(&go);
    let origin = Origin::raw(move |mut stream| {
        let told = Arc::clone(&told);
        async move {
            let mut head = [0; 1024];
            let read = stream.read(&mut head).await?;
            ensure!(read > 0, "nobody asked");
            told.notified().await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").await?;
            Ok(())
        }
    })
    .await?;
    Ok((origin, go))
}

#[tokio::test]
async fn a_connection_is_recorded_with_its_program() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    raw::get(&mut io, &origin.url("/json?program"), &origin.address().to_string()).await?;
    let exchange = sent_by(&dashcam, "/json?program").await?;
    let (program, name) = (&exchange["sent_by"], own_name()?);
    assert_eq!(program["pid"], std::process::id());
    assert_eq!(program["path"], std::env::current_exe()?.display().to_string());
    let shown = program["name"].as_str().context("no name")?;
    assert!(name.starts_with(shown), "{shown} is {name}");
    drop(io);
    let api = dashcam.api();
    let id = exchange["connection"].clone();
    let closed = api.connection("closed", |row| row["id"] == id && !row["closed_at"].is_null()).await?;
    assert_eq!(&closed["program"], program);
    let page = api.get(&format!("/exchanges?filter=program:={shown}")).await?;
    assert_eq!(page["exchanges"][0]["program"], program["name"], "{page}");
    let output = cli(dashcam.home())?.args(["show", &exchange["id"].to_string()]).output().await?;
    let line = format!("program     {shown} ({})", std::process::id());
    assert!(String::from_utf8_lossy(&output.stdout).contains(&line), "{output:?}");
    Ok(())
}

#[tokio::test]
async fn it_is_stored_while_the_connection_is_open() -> Result<()> {
    let (origin, go) = origin_that_waits().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let (url, host) = (origin.url("/waits"), origin.address());
    raw::send(&mut io, &format!("GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n")).await?;
    let exchange = sent_by(&dashcam, "/waits").await?;
    let stored = dashcam.api().connection("with its program", |row| !row["program"].is_null()).await?;
    assert_eq!((&stored["closed_at"], &stored["program"]), (&Value::Null, &exchange["sent_by"]));
    go.notify_one();
    Ok(())
}

/// Runs curl through dashcam while an origin makes it wait, and gives the exchange with the program that sent it.
async fn curl(dashcam: &Dashcam, command: impl FnOnce(&str, SocketAddr) -> Result<Command>) -> Result<Value> {
    let (origin, go) = origin_that_waits().await?;
    let mut command = command(&origin.url("/curl?number=1"), dashcam.proxy())?;
    let child = command.kill_on_drop(true).spawn()?;
    let exchange = sent_by(dashcam, "/curl?number=1").await?;
    go.notify_one();
    let output = within("curl ends", async { Ok(child.wait_with_output().await?) }).await?;
    ensure!(output.status.success(), "{output:?}");
    Ok(exchange)
}

fn through_proxy(url: &str, proxy: SocketAddr) -> Result<Command> {
    let mut command = Command::new("curl");
    command.args([
        "-sS",
        "-o",
        "/dev/null",
        "--proxy",
        &format!("http://{proxy}"),
        "-H",
        "X-Key: secret",
        url,
    ]);
    Ok(command)
}

#[tokio::test]
async fn values_of_arguments_are_recorded_only_when_asked_for() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let exchange = curl(&dashcam, through_proxy).await?;
    let program = &exchange["sent_by"];
    assert_eq!(
        (&program["name"], &program["command"]),
        (&"curl".into(), &"curl -s… -o … --proxy … -H …".into())
    );
    let dashcam = Dashcam::start_with("program_arguments = true\n", &[]).await?;
    let exchange = curl(&dashcam, through_proxy).await?;
    let command = exchange["sent_by"]["command"].as_str().context("no command line")?.to_owned();
    assert!(command.contains("-H 'X-Key: secret'") && command.ends_with("number=1'"), "{command}");
    Ok(())
}

#[tokio::test]
async fn the_program_that_run_starts_is_recorded() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let home = dashcam.home().to_owned();
    let exchange = curl(&dashcam, |url, _| {
        let mut command = cli(&home)?;
        command.args(["run", "--", "sh", "-c", "curl -sS \"$0\"; true", url]);
        Ok(command)
    })
    .await?;
    assert_eq!(exchange["sent_by"]["name"], "curl");
    Ok(())
}

#[tokio::test]
async fn none_is_looked_for_where_that_is_switched_off() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start_with("programs = false\n", &[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    raw::get(&mut io, &origin.url("/json?none"), &origin.address().to_string()).await?;
    drop(io);
    let exchange = dashcam.api().ended("/json?none").await?;
    assert_eq!((&exchange["program"], &exchange["sent_by"]), (&Value::Null, &Value::Null));
    let id = exchange["connection"].clone();
    let api = dashcam.api();
    let closed = api.connection("closed", |row| row["id"] == id && !row["closed_at"].is_null()).await?;
    assert_eq!(closed["program"], Value::Null);
    Ok(())
}
