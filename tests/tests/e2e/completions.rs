//! Completions in a real shell, and the manual's pages.

use anyhow::{Result, ensure};
use dashcam_tests::binary;
use dashcam_tests::clients::{Ask, ask, clean};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use tokio::process::Command;

use crate::same::through;

/// The words that bash offers for the last of `words`.
async fn offered(dashcam: &Dashcam, words: &[&str]) -> Result<Vec<String>> {
    let script = "source <(\"$0\" completions bash); dashcam() { \"$DASHCAM\" \"$@\"; }; export -f dashcam
        COMP_WORDS=(dashcam \"$@\"); COMP_CWORD=$#; COMP_TYPE=9
        _clap_complete_dashcam dashcam \"${!#}\" \"\"; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut bash = clean(Command::new("bash"));
    bash.args(["-c", script]).arg(binary::dashcam()?).args(words);
    bash.env("DASHCAM_HOME", dashcam.home()).env("DASHCAM", binary::dashcam()?);
    let output = within("bash", async { Ok(bash.output().await?) }).await?;
    ensure!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

#[tokio::test]
async fn a_shell_completes_commands_and_what_is_recorded() -> Result<()> {
    let origin = Origin::http().await?;
    let mut dashcam = Dashcam::start(&[]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/echo"))]).await?;
    let id = dashcam.api().ended("/echo").await?["id"].to_string();
    assert_eq!(offered(&dashcam, &["rep"]).await?, ["replay"]);
    assert_eq!(offered(&dashcam, &["record", "meta"]).await?, ["metadata"]);
    assert_eq!(offered(&dashcam, &["sql", "--form"]).await?, ["--format"]);
    for command in ["show", "replay", "pin", "unpin"] {
        assert!(offered(&dashcam, &[command, ""]).await?.contains(&id), "{command}");
    }
    assert_eq!(offered(&dashcam, &["ls", "gql.op"]).await?, ["gql.operation:"]);
    for command in ["tail", "stats", "facets"] {
        assert_eq!(offered(&dashcam, &[command, "method:G"]).await?, ["method:GET"], "{command}");
    }
    assert_eq!(offered(&dashcam, &["stats", "--by", "host,pa"]).await?, ["host,path"]);
    assert_eq!(offered(&dashcam, &["stats", "--stat", "p9"]).await?, ["p95", "p99"]);
    dashcam.stop().await?;
    assert!(!offered(&dashcam, &["show", ""]).await?.contains(&id), "nobody could tell");
    Ok(())
}

#[tokio::test]
async fn every_shell_has_a_script_and_every_command_a_page() -> Result<()> {
    let home = tempfile::tempdir()?;
    for shell in ["bash", "zsh", "fish"] {
        let mut command = cli(home.path())?;
        let output =
            within(shell, async { Ok(command.args(["completions", shell]).output().await?) }).await?;
        let script = String::from_utf8(output.stdout)?;
        assert!(output.status.success() && script.contains("DASHCAM_COMPLETE"), "{shell}: {script}");
    }
    let mut command = cli(home.path())?;
    let pages = home.path().join("man");
    command.args(["man", "--to"]).arg(&pages);
    ensure!(within("dashcam man", async { Ok(command.status().await?) }).await?.success());
    for page in ["dashcam.1", "dashcam-ls.1", "dashcam-db-check.1"] {
        let text = std::fs::read_to_string(pages.join(page))?;
        assert!(text.contains(".SH NAME") && text.contains("SYNOPSIS"), "{page}: {text}");
    }
    Ok(())
}
