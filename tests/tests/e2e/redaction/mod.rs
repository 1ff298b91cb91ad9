//! Redacted exchanges are still of use: replays, unsealed shows and exports; and what was recorded before is redacted afterwards.

mod replays;
mod shown;
mod stored;

use std::path::Path;
use std::process::Output;

use anyhow::{Result, ensure};
use dashcam_tests::clients::curl_command;
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::{Origin, Reply};

use crate::same::through;

/// A made-up secret.
pub(crate) const SECRET: &str = "Zq7fW2nKx9Lr4TmVb8Yc";

/// `dashcam ARGUMENTS` with variables in its environment.
pub(crate) async fn dashcam(home: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Result<Output> {
    let mut command = cli(home)?;
    command.args(arguments).envs(variables.iter().copied());
    within(&format!("dashcam {arguments:?}"), async { Ok(command.output().await?) }).await
}

/// Its output where it succeeds.
pub(crate) async fn says(home: &Path, arguments: &[&str]) -> Result<String> {
    let output = dashcam(home, arguments, &[]).await?;
    ensure!(output.status.success(), "dashcam {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// Its error where it fails.
pub(crate) async fn fails(home: &Path, arguments: &[&str]) -> Result<String> {
    let output = dashcam(home, arguments, &[]).await?;
    ensure!(!output.status.success(), "dashcam {arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    Ok(String::from_utf8(output.stderr)?)
}

/// An origin that answers 401 to requests without the secret.
pub(crate) async fn guarded() -> Result<Origin> {
    let origin = Origin::http().await?;
    let bearer = format!("Bearer {SECRET}");
    origin.site().answer_with(move |seen| {
        let is_let_in = seen
            .fields
            .iter()
            .any(|(name, value)| name.eq_ignore_ascii_case("authorization") && *value == bearer);
        Some(Reply { status: if is_let_in { 200 } else { 401 }, ..Reply::default() })
    });
    Ok(origin)
}

/// Sends a POST with the secret in a header and in its JSON body; the id of its exchange.
pub(crate) async fn recorded(dashcam: &Dashcam, origin: &Origin, path: &str) -> Result<String> {
    let mut curl = curl_command(&through(dashcam), &origin.url(path));
    curl.args(["-H", &format!("Authorization: Bearer {SECRET}"), "-H", "Content-Type: application/json"]);
    curl.args(["--data-binary", &format!("{{\"password\":\"{SECRET}\",\"a\":1}}")]);
    let run = curl.output().await?;
    ensure!(run.status.success(), "curl failed");
    Ok(dashcam.api().ended(path).await?["id"].to_string())
}

/// The files of the home in whose bytes the secret stands.
pub(crate) fn files_with_secret(home: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(home)? {
        let path = file?.path();
        if path.is_file() && memchr::memmem::find(&std::fs::read(&path)?, SECRET.as_bytes()).is_some() {
            found.push(path.display().to_string());
        }
    }
    Ok(found)
}
