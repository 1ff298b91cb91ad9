//! `dashcam preset`: filters that are kept under a name.

use anyhow::Result;
use hyper::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::cli::PresetCommand;
use crate::client::Client;
use crate::terminal::{escaped, print, print_line};

/// Does what `command` says.
pub(crate) async fn preset(client: &Client, command: Option<PresetCommand>) -> Result<()> {
    match command.unwrap_or(PresetCommand::Ls) {
        PresetCommand::Ls => list(client).await,
        PresetCommand::Set { name, filter } => {
            let body = json!({"filter": filter.join(" ")});
            client.change(Method::PUT, &path(&name), body).await?;
            print_line(&format!("preset:{name} stands for {}", escaped(&filter.join(" "))))
        }
        PresetCommand::Rm { name } => {
            client.order(Method::DELETE, &path(&name)).await?;
            print_line(&format!("preset:{} is gone", escaped(&name)))
        }
    }
}

async fn list(client: &Client) -> Result<()> {
    let kept = client.get("/presets").await?;
    let kept = kept["presets"].as_array().cloned().unwrap_or_default();
    let text = |preset: &serde_json::Value, name: &str| escaped(preset[name].as_str().unwrap_or_default());
    let names: Vec<_> = kept.iter().map(|preset| (text(preset, "name"), text(preset, "filter"))).collect();
    if names.is_empty() {
        return print_line("no filter is kept: dashcam preset set NAME FILTER keeps one");
    }
    let width = names.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    print(names.iter().map(|(name, filter)| format!("{name:width$}  {filter}\n")).collect::<String>())
}

fn path(name: &str) -> String {
    format!("/presets/{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}
