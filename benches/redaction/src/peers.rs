//! Scanners of others: installed into the target folder, in versions that are pinned, and run on the same texts.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use dashcam_secrets::case::Case;
use dashcam_secrets::marked::Marked;
use dashcam_secrets::shown;
use serde_json::json;
use xtask::step::{run_command, step};
use xtask::{root, tools};

use crate::findings::{self, Finding};
use crate::score::Score;

/// Presidio's kinds that are about secrets: it looks for personal data besides.
const PRESIDIO_SECRETS: [&str; 2] = ["CREDIT_CARD", "CRYPTO"];

/// The scores of all of them.
pub(crate) fn scores(cases: &[Case]) -> Result<Vec<Score>> {
    let scripts = root().join("benches/redaction/peers");
    let folder = tools::target().join("redaction-peers");
    std::fs::create_dir_all(&folder)?;
    step("peers", || install(&scripts, &folder))?;
    let texts: Vec<Marked> = cases.iter().map(shown::text).collect();
    let corpus = folder.join("corpus.json");
    // A byte is a character: so the places of finds are those of bytes.
    let latin = |text: &Marked| text.bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
    let written: Vec<_> = texts.iter().map(|text| json!({"text": latin(text)})).collect();
    std::fs::write(&corpus, serde_json::to_vec(&written)?)?;

    let python = |script: &str| found(&folder.join("venv/bin/python"), &scripts.join(script), &corpus);
    let presidio = python("presidio.py")?;
    let mut cards = presidio.clone();
    cards.retain(|(_, _, _, kind)| PRESIDIO_SECRETS.contains(&kind.as_str()));
    let detect_secrets = python("detect_secrets_files.py")?;
    let secretlint = found(Path::new("node"), &folder.join("secretlint.mjs"), &corpus)?;
    Ok(vec![
        findings::score("Presidio 2.2.366, all recognizers without a model", &texts, &presidio),
        findings::score("Presidio, cards and wallets only", &texts, &cards),
        findings::score("detect-secrets 1.5.0, all plugins", &texts, &detect_secrets),
        findings::score("secretlint 13.1.0, recommended rules", &texts, &secretlint),
    ])
}

fn install(scripts: &Path, folder: &Path) -> Result<()> {
    let venv = folder.join("venv");
    let requirements = std::fs::read(scripts.join("requirements.txt"))?;
    let stamp = venv.join(".installed-from");
    if std::fs::read(&stamp).ok().as_ref() != Some(&requirements) {
        run_command(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        let mut pip = Command::new(venv.join("bin/pip"));
        run_command(pip.args(["install", "--quiet", "--requirement"]).arg(scripts.join("requirements.txt")))?;
        std::fs::write(&stamp, requirements)?;
    }
    for file in ["package.json", "package-lock.json", "secretlint.mjs"] {
        std::fs::copy(scripts.join(file), folder.join(file)).with_context(|| file.to_owned())?;
    }
    run_command(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--silent"]).current_dir(folder))
}

/// The finds of a script, which prints them as JSON.
fn found(program: &Path, script: &Path, corpus: &Path) -> Result<Vec<Finding>> {
    let output = Command::new(program).arg(script).arg(corpus).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "{} failed", script.display());
    serde_json::from_slice(&output.stdout).with_context(|| script.display().to_string())
}
