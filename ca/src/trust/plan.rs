//! Changing the system's own trust store: first shown, then done.

use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::CaError;
use crate::RootCertificate;
use crate::files::{create_whole, ignore_missing};

/// A system's trust store.
struct TrustStore {
    /// A path that only such a system has.
    sign: &'static str,
    /// Where roots of one's own go.
    anchors: &'static str,
    /// The command after one was added.
    added: &'static [&'static str],
    /// The command after one was taken away.
    removed: &'static [&'static str],
}

/// In the order of looking: openSUSE has Debian's command as well, with another directory.
const TRUST_STORES: [TrustStore; 4] = [
    TrustStore {
        sign: "etc/pki/ca-trust/source/anchors",
        anchors: "etc/pki/ca-trust/source/anchors",
        added: &["update-ca-trust"],
        removed: &["update-ca-trust"],
    },
    TrustStore {
        sign: "etc/pki/trust/anchors",
        anchors: "etc/pki/trust/anchors",
        added: &["update-ca-certificates"],
        removed: &["update-ca-certificates"],
    },
    TrustStore {
        sign: "etc/ca-certificates/trust-source/anchors",
        anchors: "etc/ca-certificates/trust-source/anchors",
        added: &["update-ca-trust"],
        removed: &["update-ca-trust"],
    },
    TrustStore {
        sign: "usr/sbin/update-ca-certificates",
        anchors: "usr/local/share/ca-certificates",
        added: &["update-ca-certificates"],
        removed: &["update-ca-certificates", "--fresh"],
    },
];

/// The root's name among the others. Debian's command reads only `.crt`.
const ANCHOR: &str = "dashcam.crt";

/// One step of a [`Plan`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Copies a certificate.
    Copy {
        /// Its file.
        from: PathBuf,
        /// Over what.
        to: PathBuf,
        /// Its content, as it was shown: later content of the file is not trusted.
        content: String,
    },
    /// Deletes a file; one that is not there is as good.
    Remove(PathBuf),
    /// Runs a command.
    Run(Vec<String>),
}

/// The steps that change the trust store. Its `Display` is the dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The steps in order.
    pub steps: Vec<Step>,
}

/// The plan that makes the system trust `root`.
///
/// # Errors
/// [`CaError::NoTrustStore`] when there is none that we know.
pub fn install_plan(root: &RootCertificate) -> Result<Plan, CaError> {
    plan_under(Path::new("/"), Some((root.path(), root.pem())))
}

/// The plan that takes the root that was added out of the system's trust store.
///
/// # Errors
/// As [`install_plan`].
pub fn uninstall_plan() -> Result<Plan, CaError> {
    plan_under(Path::new("/"), None)
}

/// `system` is `/` but in tests; `root` is what to add, `None` to take away what was added.
fn plan_under(system: &Path, root: Option<(&Path, &str)>) -> Result<Plan, CaError> {
    let store = TRUST_STORES.iter().find(|store| system.join(store.sign).exists());
    let store = store.ok_or(CaError::NoTrustStore)?;
    let anchor = system.join(store.anchors).join(ANCHOR);
    let (change, command) = match root {
        Some((root, pem)) => {
            (Step::Copy { from: root.to_owned(), to: anchor, content: pem.to_owned() }, store.added)
        }
        None => (Step::Remove(anchor), store.removed),
    };
    Ok(Plan { steps: vec![change, Step::Run(command.iter().map(ToString::to_string).collect())] })
}

impl Plan {
    /// The root that the system trusts by our name now, if it can be read.
    #[must_use]
    pub fn installed(&self) -> Option<RootCertificate> {
        let anchor = self.steps.iter().find_map(|step| match step {
            Step::Copy { to, .. } => Some(to),
            Step::Remove(path) => Some(path),
            Step::Run(_) => None,
        })?;
        RootCertificate::parse(anchor.clone(), fs::read_to_string(anchor).ok()?).ok()
    }

    /// Does it, step by step; needs the rights to. Stops at the first step that fails.
    ///
    /// # Errors
    /// Names the file or the command that failed.
    pub fn run(&self) -> Result<(), CaError> {
        self.steps.iter().try_for_each(Step::run)
    }
}

impl Step {
    fn run(&self) -> Result<(), CaError> {
        match self {
            Self::Copy { to, content, .. } => copy(content, to).map_err(|source| CaError::io(to, source)),
            Self::Remove(path) => {
                ignore_missing(fs::remove_file(path)).map_err(|source| CaError::io(path, source))
            }
            Self::Run(command) => run(command),
        }
    }
}

fn copy(content: &str, to: &Path) -> std::io::Result<()> {
    if let Some(directory) = to.parent() {
        fs::create_dir_all(directory)?;
    }
    ignore_missing(fs::remove_file(to))?;
    create_whole(to, 0o644, content)?;
    // Everybody reads it, whatever our umask is.
    fs::set_permissions(to, fs::Permissions::from_mode(0o644))
}

fn run(command: &[String]) -> Result<(), CaError> {
    let failed = |outcome: String| CaError::Command { command: command.join(" "), outcome };
    let (program, arguments) = command.split_first().ok_or_else(|| failed("it is empty".to_owned()))?;
    let status = Command::new(program).args(arguments).status().map_err(|error| failed(error.to_string()))?;
    if status.success() { Ok(()) } else { Err(failed(status.to_string())) }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            match step {
                Step::Copy { from, to, .. } => {
                    writeln!(f, "copy '{}' to '{}'", from.display(), to.display())?;
                }
                Step::Remove(path) => writeln!(f, "delete '{}'", path.display())?,
                Step::Run(command) => writeln!(f, "run {}", command.join(" "))?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(sign: &str) -> tempfile::TempDir {
        let system = tempfile::tempdir().unwrap();
        fs::create_dir_all(system.path().join(sign)).unwrap();
        system
    }

    fn anchor_of(plan: &Plan) -> &Path {
        match &plan.steps[0] {
            Step::Copy { to, .. } => to,
            Step::Remove(path) => path,
            Step::Run(_) => panic!("the file comes before the command"),
        }
    }

    #[test]
    fn each_system_has_its_place_and_command() {
        for (sign, anchor, command) in [
            ("usr/sbin/update-ca-certificates", "usr/local/share/ca-certificates", "update-ca-certificates"),
            ("etc/pki/ca-trust/source/anchors", "etc/pki/ca-trust/source/anchors", "update-ca-trust"),
            ("etc/pki/trust/anchors", "etc/pki/trust/anchors", "update-ca-certificates"),
        ] {
            let system = system(sign);
            let plan = plan_under(system.path(), Some((Path::new("/h/ca.pem"), "root"))).unwrap();
            assert_eq!(anchor_of(&plan), system.path().join(anchor).join("dashcam.crt"));
            assert_eq!(plan.steps[1], Step::Run(vec![command.to_owned()]));
            let away = plan_under(system.path(), None).unwrap();
            assert_eq!(anchor_of(&away), anchor_of(&plan));
        }
    }

    #[test]
    fn an_unknown_system_is_an_error() {
        let nothing = tempfile::tempdir().unwrap();
        assert!(matches!(plan_under(nothing.path(), None), Err(CaError::NoTrustStore)));
    }

    #[test]
    fn the_dry_run_is_what_is_done() {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (place.path().join("ca.pem"), place.path().join("anchors/dashcam.crt"));
        // What came to stand there since is not what was shown.
        fs::write(&from, "another").unwrap();
        let copy = Step::Copy { from, to: to.clone(), content: "root".to_owned() };
        let plan = Plan { steps: vec![copy, Step::Run(vec!["true".into()])] };
        assert!(!to.exists() && plan.to_string().contains("copy '") && plan.to_string().contains("run true"));
        plan.run().unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "root");
        let away = Plan { steps: vec![Step::Remove(to.clone()), Step::Remove(to.clone())] };
        away.run().unwrap();
        assert!(!to.exists());
        let fails = Plan { steps: vec![Step::Run(vec!["false".into()])] };
        assert!(fails.run().unwrap_err().to_string().contains("`false` failed"));
    }
}
