//! Files of ours that a program is shown in place of the system's when it opens these, where none can be laid over them.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rustix::fs::{MemfdFlags, OFlags, SealFlags, fcntl_add_seals, memfd_create};

/// The longest path that is looked at.
pub(super) const LONGEST_PATH: usize = 4096;

/// Copies of our files in memory, which nobody can change, by the paths that they stand for.
#[derive(Debug, Default)]
pub(super) struct ShownFiles(HashMap<PathBuf, OwnedFd>);

impl ShownFiles {
    /// Copies of the first of each pair, for the second. Folders are left out.
    pub(super) fn new(pairs: &[(PathBuf, PathBuf)]) -> Result<Self> {
        let mut files = HashMap::new();
        for (ours, over) in pairs.iter().filter(|(_, over)| over.is_file()) {
            let copy = copied(ours).with_context(|| ours.display().to_string())?;
            // Programs may open it by other names, which are links to it.
            let real = fs::canonicalize(over).unwrap_or_else(|_| over.clone());
            files.insert(real, copy);
        }
        Ok(Self(files))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The file to show to a program that opens `path` with `flags`; none if it gets what it asks for.
    pub(super) fn shown(&self, path: &[u8], flags: OFlags) -> Option<OwnedFd> {
        let path = Path::new(OsStr::from_bytes(path));
        let only_reads =
            flags & OFlags::RWMODE == OFlags::RDONLY && !flags.intersects(OFlags::PATH | OFlags::DIRECTORY);
        if !path.is_absolute() || !only_reads {
            return None;
        }
        // Most paths are others: links are followed only where the name may lead here.
        let extension = path.extension().unwrap_or_default();
        let may_lead = extension == "pem" || extension == "crt" || self.0.contains_key(path);
        let copy = if may_lead { self.0.get(&fs::canonicalize(path).ok()?)? } else { return None };
        // Opened again, as every reader has a place of its own in the file.
        let again = File::open(format!("/proc/self/fd/{}", copy.as_raw_fd()));
        again.map(OwnedFd::from).ok()
    }
}

/// A sealed copy of a file in memory.
fn copied(path: &Path) -> Result<OwnedFd> {
    let bytes = fs::read(path)?;
    let memory = memfd_create("dashcam-roots", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    let mut file = File::from(memory);
    file.write_all(&bytes)?;
    let seals = SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL;
    fcntl_add_seals(&file, seals)?;
    Ok(file.into())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn readers_of_a_path_and_of_links_to_it_are_shown_the_copy() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("system.pem"), "theirs").unwrap();
        fs::write(at("ours.pem"), "theirs and ours").unwrap();
        std::os::unix::fs::symlink(at("system.pem"), at("link.crt")).unwrap();
        let files = ShownFiles::new(&[(at("ours.pem"), at("system.pem"))]).unwrap();
        let shown = |name: &str, flags| {
            let file = files.shown(at(name).as_os_str().as_bytes(), flags)?;
            let mut text = String::new();
            File::from(file).read_to_string(&mut text).unwrap();
            Some(text)
        };
        for name in ["system.pem", "link.crt", "link.crt"] {
            assert_eq!(shown(name, OFlags::CLOEXEC).as_deref(), Some("theirs and ours"), "{name}");
        }
        assert_eq!(shown("ours.pem", OFlags::empty()), None);
        assert_eq!(shown("system.pem", OFlags::RDWR), None);
        assert_eq!(shown("system.pem", OFlags::PATH), None);
        let copy = files.0.values().next().unwrap();
        assert!(
            File::options()
                .write(true)
                .open(format!("/proc/self/fd/{}", copy.as_raw_fd()))
                .is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
                || rustix::fs::ftruncate(copy, 0).is_err()
        );
    }
}
