//! A container's limits, in trees of files that are made up.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::{Dashcam, command};
use tempfile::TempDir;

use super::{QUICK, at_step};

/// A container of control groups of version 2.
struct Container {
    root: TempDir,
    home: TempDir,
}

impl Container {
    fn new(files: &[(&str, &str)]) -> Result<Self> {
        let container = Self { root: tempfile::tempdir()?, home: tempfile::tempdir()? };
        fs::write(container.home.path().join("config.toml"), QUICK)?;
        container.write(Path::new("proc/self/cgroup"), "0::/box\n")?;
        let mounts = "30 23 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        container.write(Path::new("proc/self/mountinfo"), mounts)?;
        files.iter().try_for_each(|(file, content)| container.set(file, content))?;
        Ok(container)
    }

    /// Sets a file of the group.
    fn set(&self, file: &str, content: &str) -> Result<()> {
        self.write(&Path::new("sys/fs/cgroup/box").join(file), content)
    }

    /// Replaces a file as a whole: it is read meanwhile.
    fn write(&self, path: &Path, content: &str) -> Result<()> {
        let path = self.root.path().join(path);
        let unfinished = path.with_extension("unfinished");
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(&unfinished, content)?;
        Ok(fs::rename(unfinished, path)?)
    }

    fn command(&self) -> Result<tokio::process::Command> {
        let mut command = command(self.home.path(), &[])?;
        command.env("DASHCAM_CGROUP_ROOT", self.root.path());
        Ok(command)
    }

    async fn start(&self) -> Result<Dashcam> {
        Dashcam::start_command(self.home.path(), self.command()?).await
    }
}

fn mib(mib: u64) -> String {
    (mib << 20).to_string()
}

#[tokio::test]
async fn memory_that_runs_short_steps_down_without_a_budget() -> Result<()> {
    let container = Container::new(&[("memory.max", &mib(1000)), ("memory.current", &mib(300))])?;
    let dashcam = container.start().await?;
    let status = at_step(&dashcam, "full").await?;
    assert_eq!(status["container"]["memory_limit"], 1000 << 20, "{}", status["container"]);

    container.set("memory.current", &mib(850))?;
    let low = at_step(&dashcam, "metrics").await?;
    let because = low["budget"]["because"].as_str().unwrap_or_default();
    let expect = "the container uses 850.0 MiB of memory, and its limit is 1000.0 MiB";
    assert_eq!(because, expect);
    // Files that the kernel can drop are no shortage.
    container.set("memory.stat", &format!("anon 1\ninactive_file {}\n", 200 << 20))?;
    at_step(&dashcam, "full").await?;
    dashcam.says("recording steps up to full").await?;
    Ok(())
}

#[tokio::test]
async fn shares_of_a_small_container_are_small() -> Result<()> {
    let limits = [
        ("memory.max", &*mib(128)),
        ("memory.current", &*mib(30)),
        ("cpu.max", "50000 100000"),
        ("pids.max", "100"),
        ("pids.current", "10"),
    ];
    let small = Container::new(&limits)?;
    let dashcam = small.start().await?;
    let container = dashcam.api().get("/status").await?["container"].clone();
    for (name, expect) in [
        ("cpus", 0.5),
        ("cpu_quota", 0.5),
        ("workers", 1.0),
        ("recorder_memory", f64::from(16 << 20)),
        ("threads_limit", 100.0),
    ] {
        assert_eq!(container[name].as_f64(), Some(expect), "{name} of {container}");
    }
    let tasks = fs::read_dir(format!("/proc/{}/task", dashcam.pid().context("it runs")?))?;
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    let traffic = names.filter(|name| name.starts_with("traffic-")).count();
    assert_eq!(traffic, 1);
    Ok(())
}

#[tokio::test]
async fn without_room_for_its_threads_it_says_how_many_it_needs() -> Result<()> {
    let container = Container::new(&[("pids.max", "20"), ("pids.current", "9")])?;
    let output = container.command()?.stderr(std::process::Stdio::piped()).output().await?;
    let error = String::from_utf8(output.stderr)?;
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("start 11 more threads (of 20, 9 are in use), and it needs 18"), "{error}");
    Ok(())
}
