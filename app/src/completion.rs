//! Completions for a shell while a command is typed: commands and options, and what the running dashcam has recorded.
//!
//! The script that [`script`] prints calls this program for each completion, with [`VARIABLE`] set; [`answer`] answers
//! then. A shell waits for it, so a dashcam that does not answer soon is left out.

use std::ffi::OsStr;
use std::io;
use std::time::Duration;

use anyhow::Result;
use clap::{Command, ValueEnum};
use clap_complete::env::{Bash, CompleteEnv, EnvCompleter, Fish, Zsh};
use clap_complete::{ArgValueCompleter, CompletionCandidate};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::runtime;
use tokio::time::timeout;

use crate::client::Client;
use crate::home::Home;
use crate::terminal::escaped;

/// The variable that asks for completions, by the name of the shell.
const VARIABLE: &str = "DASHCAM_COMPLETE";
/// How long a running dashcam has to answer.
const SOON: Duration = Duration::from_millis(500);
/// Exchanges that are offered: the newest.
const OFFERED: usize = 30;

/// A shell that completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// Bash 4 or newer.
    Bash,
    /// Zsh.
    Zsh,
    /// Fish.
    Fish,
}

/// Answers a shell that asks for completions of the command line, and ends the process; without such a shell it does
/// nothing.
pub(crate) fn answer(command_line: fn() -> Command) {
    CompleteEnv::with_factory(command_line).var(VARIABLE).complete();
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
    ArgValueCompleter::new(ids)
}

/// Names and values for a filter; ids where a number is typed, or nothing.
pub(crate) fn choice() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let is_number = typed.as_encoded_bytes().iter().all(u8::is_ascii_digit);
        let mut offered = if is_number { ids(typed) } else { Vec::new() };
        offered.extend(terms(typed));
        offered
    })
}

fn ids(typed: &OsStr) -> Vec<CompletionCandidate> {
    let rows = ask(&format!("/exchanges?limit={OFFERED}")).unwrap_or_default();
    let rows = rows["exchanges"].as_array().cloned().unwrap_or_default();
    let typed = typed.to_string_lossy();
    let offered = rows.iter().map(|row| (row["id"].to_string(), help(row)));
    let fitting = offered.filter(|(id, _)| id.starts_with(&*typed));
    fitting.map(|(id, help)| CompletionCandidate::new(id).help(Some(help.into()))).collect()
}

/// Names of kept filters.
pub(crate) fn presets() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let kept = ask("/presets").unwrap_or_default();
        let kept = kept["presets"].as_array().cloned().unwrap_or_default();
        let text = |preset: &Value, name: &str| preset[name].as_str().unwrap_or_default().to_owned();
        let offered = kept.iter().map(|preset| (text(preset, "name"), text(preset, "filter")));
        let fitting = offered.filter(|(name, _)| typed.to_str().is_some_and(|typed| name.starts_with(typed)));
        fitting.map(|(name, filter)| CompletionCandidate::new(name).help(Some(filter.into()))).collect()
    })
}

/// Names with commas between them, the last of which is typed.
pub(crate) fn list(names: &'static [&'static str]) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let (before, last) = typed.rfind(',').map_or(("", &*typed), |at| typed.split_at(at + 1));
        let is_new = |name: &&&str| !before.split(',').any(|given| given == **name);
        let fitting = names.iter().filter(|name| name.starts_with(last)).filter(is_new);
        fitting.map(|name| CompletionCandidate::new(format!("{before}{name}"))).collect()
    })
}

/// Names and values for a filter, a word of which is typed.
pub(crate) fn filter() -> ArgValueCompleter {
    ArgValueCompleter::new(terms)
}

fn terms(typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let text = utf8_percent_encode(&typed, NON_ALPHANUMERIC);
    let answer = ask(&format!("/filters/complete?text={text}")).unwrap_or_default();
    let from = answer["from"].as_u64().and_then(|from| usize::try_from(from).ok()).unwrap_or(0);
    let before: String = typed.chars().take(from).collect();
    let offers = answer["offers"].as_array().cloned().unwrap_or_default();
    let offered =
        offers.iter().filter_map(|offer| Some((offer["text"].as_str()?, offer["meaning"].as_str()?)));
    let whole = offered.map(|(text, meaning)| {
        CompletionCandidate::new(format!("{before}{text}")).help(Some(escaped(meaning).into()))
    });
    whole.collect()
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
