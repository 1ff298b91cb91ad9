//! Files laid over the system's for one program, in a mount namespace of its own (Linux).
//!
//! dashcam starts itself again as `dashcam enter-namespace`, which makes the namespace, lays the files and becomes the
//! program: the process stays the same, so signals and the exit code need no care. A user other than root needs a
//! user namespace for that, in which programs such as sudo don't work; so it is made only where it helps.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::ca_key;
use crate::terminal::escaped;

/// The exit code of shells for a program that is there and can't be run.
pub(crate) const CANNOT_RUN: u8 = 126;
/// The exit code of shells for a program that is not there.
pub(crate) const NOT_FOUND: u8 = 127;
/// The name of the subcommand.
const COMMAND: &str = "enter-namespace";

/// The words that lay the files, for [`beginning`]; none where this system allows no namespace.
pub(crate) fn lays(laid: &[(PathBuf, PathBuf)]) -> Vec<OsString> {
    let lay = |(ours, over): &(PathBuf, PathBuf)| ["--lay".into(), ours.into(), over.into()];
    let words: Vec<OsString> = laid.iter().flat_map(lay).collect();
    if words.is_empty() || !cfg!(target_os = "linux") || !can_enter(&words) {
        return Vec::new();
    }
    words
}

/// The beginning of the command that does what `words` say and becomes a program. `None` where dashcam does not find
/// itself.
pub(crate) fn beginning(words: &[OsString]) -> Option<Vec<OsString>> {
    let own = std::env::current_exe().ok()?.into_os_string();
    Some([&[own, COMMAND.into()], words].concat())
}

/// Tries it.
fn can_enter(words: &[OsString]) -> bool {
    let Some(words) = beginning(words) else { return false };
    let tried = Command::new(&words[0])
        .args(&words[1..])
        .args(["--", "true"])
        .env_remove(ca_key::VARIABLE)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output();
    match tried {
        Ok(output) if output.status.success() => true,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            tracing::debug!("no mount namespace is made: {}", said.trim());
            false
        }
        Err(error) => {
            tracing::debug!("no mount namespace is made: {error}");
            false
        }
    }
}

/// Reports that a program can't be run; the exit code that a shell has for it.
pub(crate) fn cannot_run(program: &OsStr, error: &std::io::Error) -> u8 {
    eprintln!("dashcam: {} can't be run: {error}", escaped(&program.to_string_lossy()));
    if error.kind() == std::io::ErrorKind::NotFound { NOT_FOUND } else { CANNOT_RUN }
}

/// Makes the namespace, and lays the first of each pair over the second.
#[cfg(target_os = "linux")]
pub(crate) fn lay(pairs: &[(&OsStr, &OsStr)]) -> Result<()> {
    use nix::mount::{MsFlags, mount};
    use nix::sched::{CloneFlags, unshare};
    use nix::unistd::{getegid, geteuid};

    let (user, group) = (geteuid(), getegid());
    let flags = if user.is_root() {
        CloneFlags::CLONE_NEWNS
    } else {
        CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS
    };
    unshare(flags).context("unshare")?;
    if !user.is_root() {
        // The program goes on as the same user.
        std::fs::write("/proc/self/setgroups", "deny").context("setgroups")?;
        std::fs::write("/proc/self/uid_map", format!("{user} {user} 1")).context("uid_map")?;
        std::fs::write("/proc/self/gid_map", format!("{group} {group} 1")).context("gid_map")?;
    }
    let none = None::<&OsStr>;
    // The system's mounts still come in, and ours don't go out.
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_SLAVE, none).context("mount --make-rslave")?;
    for (ours, over) in pairs {
        let bound = mount(Some(*ours), *over, none, MsFlags::MS_BIND, none);
        bound.with_context(|| format!("mount --bind over {}", over.display()))?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn lay(_: &[(&OsStr, &OsStr)]) -> Result<()> {
    anyhow::bail!("this system has no mount namespaces")
}
