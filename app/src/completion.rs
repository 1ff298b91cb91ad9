//! Completions for a shell while a command is typed: commands and options, and what the running dashcam has recorded.
//!
//! The script that [`script`] prints calls this program for each completion, with [`VARIABLE`] set; [`answer`] answers
//! then. A shell waits for it, so a dashcam that does not answer soon is left out.

use std::ffi::OsStr;
use std::io;
use std::time::Duration;

use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::env::{Bash, CompleteEnv, EnvCompleter, Fish, Zsh};
use clap_complete::{ArgValueCompleter, CompletionCandidate};
use serde_json::Value;
use tokio::runtime;
use tokio::time::timeout;

use crate::cli::{Cli, Shell};
use crate::client::Client;
use crate::home::Home;
use crate::terminal::escaped;

/// The variable that asks for completions, by the name of the shell.
const VARIABLE: &str = "DASHCAM_COMPLETE";
/// How long a running dashcam has to answer.
const SOON: Duration = Duration::from_millis(500);
/// Exchanges that are offered: the newest.
const OFFERED: usize = 30;

/// Answers a shell that asks for completions, and ends the process; without such a shell it does nothing.
pub(crate) fn answer() {
    CompleteEnv::with_factory(Cli::command).var(VARIABLE).complete();
}

/// Writes the script that makes `shell` ask.
///
/// # Errors
/// When it can't be written.
pub(crate) fn script(shell: Shell, to: &mut dyn io::Write) -> io::Result<()> {
    let shell: &dyn EnvCompleter = match shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
    };
    shell.write_registration(VARIABLE, "dashcam", "dashcam", "dashcam", to)
}

/// Ids of the newest exchanges, with what each was.
pub(crate) fn exchanges() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let rows = ask(&format!("/exchanges?limit={OFFERED}")).unwrap_or_default();
        let rows = rows["exchanges"].as_array().cloned().unwrap_or_default();
        let typed = typed.to_string_lossy();
        let offered = rows.iter().map(|row| (row["id"].to_string(), help(row)));
        let fitting = offered.filter(|(id, _)| id.starts_with(&*typed));
        fitting.map(|(id, help)| CompletionCandidate::new(id).help(Some(help.into()))).collect()
    })
}

/// An exchange on a line: `GET 200 https://example.com/`.
fn help(row: &Value) -> String {
    let status = row["status"].as_u64().map(|status| status.to_string());
    let status = status.or_else(|| row["state"].as_str().map(str::to_owned)).unwrap_or_default();
    let text = |name: &str| row[name].as_str().unwrap_or_default();
    escaped(&format!("{} {status} {}", text("method"), text("url")))
}

/// The running dashcam's answer to `GET path`.
fn ask(path: &str) -> Result<Value> {
    let home = Home::new(std::env::var_os("DASHCAM_HOME").map(Into::into))?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { timeout(SOON, Client::of(&home).get(path)).await? })
}
