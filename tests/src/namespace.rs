//! Tests in a network of their own (Linux): the test's program is run again in a user and network namespace.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

/// Set for the program inside.
const INSIDE: &str = "DASHCAM_TEST_NAMESPACE";

/// Returns whether the test `name` (with its modules) is inside: it goes on then. Otherwise it was run there, or could not
/// be, which is said aloud: `programs` or the system's permission are missing.
///
/// # Errors
/// When it failed there.
pub fn is_inside(name: &str, programs: &[&str]) -> Result<bool> {
    if std::env::var_os(INSIDE).is_some() {
        return Ok(true);
    }
    let namespace = ["--user", "--map-root-user", "--net", "--kill-child"];
    for program in [&["unshare", "nsenter", "ip", "curl"], programs].concat() {
        let found =
            Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if found.is_err() {
            eprintln!("SKIPPED {name}: there is no program {program} here (`cargo xtask test` installs it)");
            return Ok(false);
        }
    }
    let tried = Command::new("unshare").args(namespace).arg("true").output()?;
    if !tried.status.success() {
        let why = String::from_utf8_lossy(&tried.stderr);
        eprintln!("SKIPPED {name}: this system allows no user and network namespace: {}", why.trim());
        return Ok(false);
    }
    let mut command = Command::new("unshare");
    command.args(namespace).arg(std::env::current_exe()?).args([name, "--exact", "--nocapture"]);
    let output = command.env(INSIDE, "1").stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let said = [&String::from_utf8_lossy(&output.stdout), said.as_ref()].concat();
    ensure!(output.status.success(), "it failed in its namespace:\n{said}");
    ensure!(said.contains("1 passed"), "no test {name} ran in its namespace:\n{said}");
    said.lines().filter(|line| line.contains("SKIPPED")).for_each(|line| eprintln!("{line}"));
    Ok(false)
}

/// Runs `script` with `sh`, which ends at its first error.
///
/// # Errors
/// When it fails; it has what was said.
pub fn sh(script: &str) -> Result<()> {
    let output = Command::new("sh").args(["-ec", script]).stdin(Stdio::null()).output()?;
    if !output.status.success() {
        bail!("{script}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// Another machine: a network namespace, with a cable to this one. Ends when dropped.
pub struct Neighbour {
    process: Child,
}

impl Neighbour {
    /// The neighbour at 10.98.0.2 and fd98::2, for which this one is 10.98.0.1 and fd98::1 on `near`, and the way to all
    /// else.
    ///
    /// # Errors
    /// When the system can't.
    pub fn start() -> Result<Self> {
        let mut command = Command::new("unshare");
        command.args(["--net", "cat"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let process = command.spawn()?;
        let mut neighbour = Self { process };
        neighbour.is_there()?;
        let pid = neighbour.process.id();
        sh(&format!(
            "ip link add near type veth peer name far netns {pid}
            ip addr add 10.98.0.1/24 dev near; ip addr add fd98::1/64 dev near nodad; ip link set near up"
        ))?;
        for line in [
            "link set lo up",
            "addr add 10.98.0.2/24 dev far",
            "addr add fd98::2/64 dev far nodad",
            "link set far up",
            "route add default via 10.98.0.1",
            "route add default via fd98::1",
        ] {
            sh(&format!("nsenter --target {pid} --net ip {line}"))?;
        }
        Ok(neighbour)
    }

    /// Waits until its namespace is made: then the program in it speaks.
    fn is_there(&mut self) -> Result<()> {
        self.process.stdin.as_mut().context("piped")?.write_all(b"x")?;
        Ok(self.process.stdout.as_mut().context("piped")?.read_exact(&mut [0])?)
    }

    /// A command that runs there.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.process.id().to_string(), "--net", program]);
        command
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
