//! Settings that come into force by `config.toml` and by SIGUSR1, while dashcam runs and over restarts.

use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use serde_json::{Value, json};
use tokio::process::Command;

/// Waits until `config` of the status is as `is_so` wants it.
async fn config(dashcam: &Dashcam, is_so: impl Fn(&Value) -> bool) -> Result<Value> {
    eventually("the file is noticed", async || {
        let config = dashcam.api().get("/status").await?["config"].clone();
        Ok(Some(config).filter(|config| is_so(config)))
    })
    .await
    .with_context(|| dashcam.log())
}

async fn level(dashcam: &Dashcam, level: &str) -> Result<()> {
    eventually(&format!("the level {level}"), async || {
        Ok((dashcam.api().get("/settings").await?["level"] == level).then_some(()))
    })
    .await
    .with_context(|| dashcam.log())
}

/// Writes the file as editors do: under another name first.
fn write(home: &Path, text: &str) -> Result<()> {
    std::fs::write(home.join("config.new"), text)?;
    Ok(std::fs::rename(home.join("config.new"), home.join("config.toml"))?)
}

/// Runs `dashcam ARGUMENTS` and gives its stdout.
async fn says(dashcam: &Dashcam, arguments: &[&str]) -> Result<String> {
    let mut command = cli(dashcam.home())?;
    let output = within("the command", async { Ok(command.args(arguments).output().await?) }).await?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

async fn signal(dashcam: &Dashcam) -> Result<()> {
    let pid = dashcam.pid().context("it runs")?.to_string();
    ensure!(Command::new("kill").args(["-USR1", &pid]).status().await?.success());
    Ok(())
}

#[tokio::test]
async fn a_changed_file_is_in_force_and_an_invalid_one_changes_nothing() -> Result<()> {
    let dashcam = Dashcam::start_with("record = \"metadata\"\n", &[]).await?;
    level(&dashcam, "metadata").await?;
    let text = "record = \"full\"\nlog = \"debug\"\n[[rules]]\nname = \"health\"\nmatch = \"path:/health\"\n\
                level = \"off\"\n";
    // In place.
    std::fs::write(dashcam.home().join("config.toml"), text)?;
    level(&dashcam, "full").await?;
    assert_eq!(dashcam.api().get("/rules").await?["rules"][0]["name"], "health");
    let file = config(&dashcam, |file| file["at_next_start"] != json!([])).await?;
    assert_eq!((&file["state"], &file["at_next_start"]), (&json!("in_force"), &json!(["log"])));
    dashcam.says("log: dashcam goes by them at its next start").await?;
    let history = dashcam.api().get("/settings/history?limit=1").await?;
    assert_eq!(history["changes"][0]["who"], "config.toml");

    write(dashcam.home(), "record = \"off\"\n[[rules]]\nname = \"a\"\nlevle = \"off\"\n")?;
    let file = config(&dashcam, |file| file["state"] == "invalid").await?;
    let problem = &file["problem"];
    assert_eq!((&problem["line"], &problem["column"]), (&json!(4), &json!(1)), "{problem}");
    assert!(
        problem["message"].as_str().is_some_and(|text| text.ends_with("did you mean `level`?")),
        "{problem}"
    );
    dashcam.says("line 4, column 1, `levle = \"off\"`: unknown key `levle`").await?;
    let said = says(&dashcam, &["status"]).await?;
    assert!(
        said.contains("line 4, column 1") && said.contains("the settings before it changed go on"),
        "{said}"
    );
    let settings = dashcam.api().get("/settings").await?;
    assert_eq!((&settings["level"], &settings["rules"][0]["name"]), (&json!("full"), &json!("health")));

    // Mended, and renamed to its place. What is gone from the file and is no rule stays.
    write(dashcam.home(), "body_limit = 1024\n")?;
    config(&dashcam, |file| file["state"] == "in_force").await?;
    let settings = dashcam.api().get("/settings").await?;
    assert_eq!(
        (&settings["level"], &settings["body_limit"], &settings["rules"]),
        (&json!("full"), &json!(1024), &json!([]))
    );
    assert!(!says(&dashcam, &["status"]).await?.contains("column 1"));
    Ok(())
}

/// Kubernetes leads a link to another folder.
#[tokio::test]
async fn a_config_map_is_swapped() -> Result<()> {
    let home = tempfile::tempdir()?;
    for (folder, text) in [("..one", "record = \"metadata\"\n"), ("..two", "record = \"metrics\"\n")] {
        std::fs::create_dir(home.path().join(folder))?;
        std::fs::write(home.path().join(folder).join("config.toml"), text)?;
    }
    symlink("..one", home.path().join("..data"))?;
    symlink("..data/config.toml", home.path().join("config.toml"))?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    level(&dashcam, "metadata").await?;
    symlink("..two", home.path().join("..data_tmp"))?;
    std::fs::rename(home.path().join("..data_tmp"), home.path().join("..data"))?;
    level(&dashcam, "metrics").await
}

/// A change of the settings lasts until the file names that setting otherwise, also where dashcam did not run meanwhile.
#[tokio::test]
async fn the_file_counts_when_it_changes() -> Result<()> {
    let home = tempfile::tempdir()?;
    let rules = |level: &str| format!("record = \"{level}\"\n[[rules]]\nname = \"a\"\nlevel = \"full\"\n");
    write(home.path(), &rules("metadata"))?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    dashcam.api().change(&json!({"level": "off"})).await?;
    says(&dashcam, &["rule", "add", "b", "--level", "metrics", "--first"]).await?;
    dashcam.stop().await?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let names = async |dashcam: &Dashcam| -> Result<Vec<Value>> {
        let rules = dashcam.api().get("/rules").await?["rules"].as_array().cloned().unwrap_or_default();
        Ok(rules.into_iter().map(|rule| rule["name"].clone()).collect())
    };
    level(&dashcam, "off").await?;
    assert_eq!(names(&dashcam).await?, ["b", "a"]);
    dashcam.kill().await?;
    write(home.path(), &rules("metrics"))?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    level(&dashcam, "metrics").await?;
    assert_eq!(names(&dashcam).await?, ["b", "a"], "the file names the rules that it did");
    dashcam.stop().await?;
    // The command line goes before the file.
    let dashcam = Dashcam::start_in(home.path(), &["--record", "full"]).await?;
    write(home.path(), &(rules("off") + "[[rules]]\nname = \"c\"\nlevel = \"full\"\n"))?;
    eventually("the file's rules", async || Ok((names(&dashcam).await? == ["a", "c"]).then_some(()))).await?;
    level(&dashcam, "full").await
}

#[tokio::test]
async fn a_file_with_a_rule_that_makes_no_sense_is_refused_at_the_start_with_the_place() -> Result<()> {
    let home = tempfile::tempdir()?;
    write(home.path(), "\n[[rules]]\nname = \"a\"\nmatch = \"host:a staus:5xx\"\nlevel = \"full\"\n")?;
    let mut command = dashcam_tests::dashcam::command(home.path(), &[])?;
    let output = within("its end", async { Ok(command.output().await?) }).await?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("config.toml, line 4, column 17, `match = ") && said.contains("\u{201c}status\u{201d}"),
        "{said}"
    );
    Ok(())
}

#[tokio::test]
async fn sigusr1_switches_recording_off_and_back() -> Result<()> {
    let home = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(home.path(), &["--record", "metadata"]).await?;
    for expect in ["off", "metadata", "off"] {
        signal(&dashcam).await?;
        level(&dashcam, expect).await?;
    }
    let history = dashcam.api().get("/settings/history?limit=1").await?;
    let change = &history["changes"][0];
    assert_eq!(
        (&change["who"], &change["from"]["level"], &change["to"]["level"]),
        (&json!("signal"), &json!("metadata"), &json!("off"))
    );
    dashcam.kill().await?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    level(&dashcam, "off").await?;
    signal(&dashcam).await?;
    level(&dashcam, "metadata").await
}
