//! An origin that serves prepared files, and programs that are run beside it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Way, clean};
use dashcam_tests::digest;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::{Origin, Reply};
use tokio::process::Command;

/// Lets `origin` serve `files`: content types and contents by target.
pub(crate) fn offer(origin: &Origin, files: BTreeMap<String, (&'static str, Vec<u8>)>) {
    origin.site().answer_with(move |request| {
        let path = request.target.split('?').next().unwrap_or_default();
        let (content_type, body) = files.get(path)?;
        let fields = vec![("Content-Type".to_owned(), (*content_type).to_owned())];
        Some(Reply { status: 200, fields, body: body.clone() })
    });
}

/// `program`, working in `home`, which is its home, too, with nothing else from outside; the proxy for https is in its
/// environment.
pub(crate) fn program(program: &str, way: &Way, home: &Path) -> Command {
    let mut command = clean(Command::new(program));
    command.current_dir(home).env_clear().env("HOME", home);
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    if let Some(proxy) = &way.proxy {
        command.env("https_proxy", proxy);
    }
    command
}

/// Runs it to its end; gives what it wrote to stdout.
pub(crate) async fn finish(mut command: Command) -> Result<String> {
    let shown = format!("{:?}", command.as_std());
    let child = command.stdin(std::process::Stdio::null()).output();
    let output = within(&shown, async { child.await.with_context(|| shown.clone()) }).await?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{shown}: {}\n{stdout}{stderr}", output.status);
    Ok(stdout.into_owned())
}

/// The digests of all files below `folder` by their paths within it, but for those that `skip` names.
pub(crate) fn tree(folder: &Path, skip: &[&str]) -> Result<BTreeMap<String, String>> {
    let (mut found, mut open) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| next.display().to_string())? {
            let path = entry?.path();
            let name = path.strip_prefix(folder)?.display().to_string();
            if skip.iter().any(|skipped| name.split('/').any(|part| part == *skipped)) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(name, digest::of(&std::fs::read(&path)?));
            }
        }
    }
    Ok(found)
}
