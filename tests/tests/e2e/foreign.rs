//! Databases of strangers: what could act through them does not, and what they hold reaches no terminal as a command.

use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use tokio::process::Command;

use crate::same::through;

async fn run(home: &Path, arguments: &[&str]) -> Result<Output> {
    let mut command = cli(home)?;
    command.args(arguments);
    within(&format!("dashcam {arguments:?}"), async { Ok(command.output().await?) }).await
}

/// Does `sql` to a database.
async fn change(database: &Path, sql: &str) -> Result<()> {
    let script =
        "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as base: base.executescript(sys.argv[2])";
    let output = Command::new("python3").args(["-c", script]).arg(database).arg(sql).output().await?;
    ensure!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// A home that is not in use any more, with one exchange.
async fn recorded() -> Result<(tempfile::TempDir, PathBuf)> {
    let origin = Origin::http().await?;
    let home = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/json?foreign"))]).await?;
    dashcam.api().ended("/json?foreign").await?;
    dashcam.stop().await?;
    let database = home.path().join("dashcam.db");
    Ok((home, database))
}

#[tokio::test]
async fn a_schema_that_could_act_is_refused_by_all_who_open_it() -> Result<()> {
    let (home, database) = recorded().await?;
    let whole = std::fs::read(&database)?;
    for (sql, expect) in [
        ("CREATE TRIGGER t AFTER INSERT ON exchange_rows BEGIN DELETE FROM pins; END", "a trigger, t"),
        ("ALTER TABLE pins RENAME TO p; CREATE VIEW pins AS SELECT * FROM p", "dashcam's table pins"),
        (
            "DROP VIEW exchanges; CREATE VIEW exchanges AS WITH RECURSIVE r(n) AS \
             (VALUES(1) UNION ALL SELECT n FROM r) SELECT n AS id FROM r",
            "dashcam's view exchanges",
        ),
        ("CREATE VIRTUAL TABLE v USING fts5(x)", "a virtual table, v"),
    ] {
        std::fs::write(&database, &whole)?;
        change(&database, sql).await?;
        let before = std::fs::read(&database)?;
        let to = home.path().join("to.db").display().to_string();
        let commands = [
            &["ls"][..],
            &["show", "1"],
            &["export", "-o", "-"],
            &["--read-only", "--web-port", "0"],
            &["serve", "-p", "0", "--web-port", "0"],
            &["db", "info"],
            &["db", "check"],
            &["db", "repair"],
            &["db", "vacuum"],
            &["pin", "1"],
            &["archive", "--before", "2099-01-01T00:00:00Z", "--to", &to],
        ];
        // All look the same way: one that reads, one that writes and one that looks at the whole are enough for the rest.
        let some = if sql.contains("TRIGGER") { &commands[..] } else { &commands[4..7] };
        for arguments in some {
            let output = run(home.path(), arguments).await?;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success() && said.contains(expect), "{sql}: {arguments:?}: {said}");
        }
        assert!(std::fs::read(&database)? == before, "{sql}: it was changed");
    }
    Ok(())
}

/// Tables, views and indexes of one's own, by other names, are welcome.
#[tokio::test]
async fn what_is_added_under_other_names_is_no_trouble() -> Result<()> {
    let (home, database) = recorded().await?;
    let own = "CREATE TABLE own_notes (id INTEGER); CREATE VIEW slow AS SELECT id FROM exchanges WHERE duration_us > 1000000; \
        CREATE INDEX by_host ON exchange_rows (host)";
    change(&database, own).await?;
    let listed = run(home.path(), &["ls"]).await?;
    assert!(String::from_utf8_lossy(&listed.stdout).contains("/json?foreign"));
    Dashcam::start_in(home.path(), &[]).await?;
    Ok(())
}

/// C0, C1, and what turns text around.
const EVIL: &str = "\u{1b}[2J\u{9b}2J\u{202e}\u{2066}\u{200b}\u{7f}";

#[tokio::test]
async fn what_it_holds_is_shown_and_not_obeyed() -> Result<()> {
    let (home, database) = recorded().await?;
    let escape: String =
        EVIL.chars().map(|character| format!("char({}) || ", u32::from(character))).collect();
    let evil = format!("({escape}'x')");
    let sql = format!(
        "UPDATE exchange_rows SET method = {evil}, target = '/' || {evil}, host = {evil}, reason = {evil}, upstream_address = {evil}, \
         content_type = {evil}, failure_side = 'upstream', failure_stage = 'connect', failure_message = {evil}; \
         UPDATE connections SET client = {evil}, mode = {evil}, tls_version = {evil}, tls_cipher = {evil}, tls_sni = {evil}; \
         UPDATE upstream_connections SET tls_version = {evil}, destination = {evil}, address = {evil}; \
         INSERT INTO gaps (from_at, until_at, reason, exchanges) VALUES (1, 2, {evil}, 1)"
    );
    change(&database, &sql).await?;
    for arguments in [
        &["ls"][..],
        &["ls", "--json"],
        &["show", "1"],
        &["show", "1", "--json"],
        &["show", "1", "--curl"],
        &["gaps"],
        &["db", "info"],
        &["db", "info", "--json"],
        &["db", "check"],
        &["export", "-o", "-"],
        &["--db", &format!("/{EVIL}"), "ls"],
    ] {
        let output = run(home.path(), arguments).await?;
        for stream in [output.stdout, output.stderr] {
            let text = String::from_utf8(stream).with_context(|| format!("{arguments:?}"))?;
            let obeyed =
                text.chars().find(|character| EVIL.contains(*character) && !"[2J".contains(*character));
            assert_eq!(obeyed, None, "{arguments:?}: {text:?}");
        }
    }
    Ok(())
}

/// Runs `dashcam ARGUMENTS` on a terminal of its own; its exit code and what the terminal got.
async fn on_terminal(home: &Path, arguments: &str) -> Result<(bool, String)> {
    let script = "import os, pty, sys\n\
        out = []\n\
        def read(fd):\n\
        \x20   data = os.read(fd, 4096)\n\
        \x20   out.append(data)\n\
        \x20   return data\n\
        status = pty.spawn(sys.argv[1:], read)\n\
        sys.exit(os.waitstatus_to_exitcode(status))";
    let mut command = cli(home)?;
    let program = command.as_std().get_program().to_owned();
    command = Command::new("python3");
    command.args(["-c", script]).arg(program).args(arguments.split_whitespace());
    command.env("DASHCAM_HOME", home).stdin(std::process::Stdio::null());
    let output = within(arguments, async { Ok(command.output().await?) }).await?;
    Ok((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned()))
}

/// To a terminal bytes go as they are only when that is asked for twice; to a pipe at once.
#[tokio::test]
async fn raw_bytes_on_a_terminal() -> Result<()> {
    let (home, database) = recorded().await?;
    change(&database, "UPDATE exchange_rows SET target = '/' || char(27) || '[2J' WHERE id = 1").await?;
    let (ended_well, text) = on_terminal(home.path(), "show 1 --raw").await?;
    assert!(!ended_well && text.contains("--force") && !text.contains("\u{1b}[2J"), "{text:?}");
    let (ended_well, text) = on_terminal(home.path(), "show 1 --raw --force").await?;
    assert!(ended_well && text.contains("\u{1b}[2J"), "{text:?}");
    // Text is text.
    let (ended_well, text) = on_terminal(home.path(), "show 1 --body").await?;
    assert!(ended_well && text.contains("dashcam"), "{text:?}");
    let piped = run(home.path(), &["show", "1", "--raw"]).await?;
    assert!(piped.status.success() && String::from_utf8_lossy(&piped.stdout).contains("\u{1b}[2J"));
    Ok(())
}
