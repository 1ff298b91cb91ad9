//! `dashcam open`: the page in a browser, signed in.

use std::ffi::{OsStr, OsString};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use dashcam_web_ui::PagePlace;
use tokio::process::Command;
use tokio::time::timeout;

use crate::client::Client;
use crate::home::Home;
use crate::page;
use crate::terminal::print_line;

/// The file that leads a browser to the page.
const FILE: &str = "open.html";
/// How long an opener may take to fail.
const OPENING: Duration = Duration::from_secs(5);

/// Opens the page of the running dashcam.
///
/// The browser gets a file that leads to the address: other users see the words of a command, and so they would see the
/// token. The file is for its owner alone.
pub(crate) async fn open(home: &Home, client: &Client) -> Result<()> {
    let status = client.get("/status").await?;
    let Some(url) = status["page"]["url"].as_str() else {
        bail!("the running dashcam has no page with an address: start it without --no-web and --web-socket")
    };
    let place = PagePlace { url: Some(url.to_owned()), socket: None };
    let address = page::signing_in(&place, &home.token()?).context("the page has no address")?;
    let file = home.write_secret(FILE, &leading_to(&address))?;
    let opener = opener();
    let mut command = Command::new(&opener);
    command.arg(file).stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = command.spawn().map_err(|error| not_opened(&opener, &error.to_string()))?;
    // A browser that is its own opener goes on until its user closes it.
    match timeout(OPENING, child.wait()).await {
        Ok(Ok(status)) if !status.success() => Err(not_opened(&opener, &status.to_string())),
        Ok(Err(error)) => Err(not_opened(&opener, &error.to_string())),
        Ok(Ok(_)) | Err(_) => print_line(&format!("opened {url}")),
    }
}

fn not_opened(opener: &OsStr, why: &str) -> anyhow::Error {
    anyhow!(
        "{} opened no browser ({why}): `dashcam status --token` prints the address for yours",
        opener.display()
    )
}

/// The program that opens a file in the user's browser.
fn opener() -> OsString {
    let named = std::env::var_os("BROWSER").filter(|name| !name.is_empty());
    named.unwrap_or_else(|| if cfg!(target_os = "macos") { "open" } else { "xdg-open" }.into())
}

/// A document that leads to `address`, which is a URL of ours: nothing in it wants to be escaped.
fn leading_to(address: &str) -> String {
    format!(
        "<!doctype html><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"0; url={address}\">\n"
    )
}
