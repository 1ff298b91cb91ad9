//! The file of the ring: on a tmpfs with room for it, so that no disk is written to, else in the home.
//!
//! All that passed is in there. So the file is its user's alone, belongs to that user, and is no link; one that another has put
//! there is not used.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use rustix::fs::{OFlags, statvfs};

/// The file is written by another dashcam.
#[derive(Debug)]
struct Locked(PathBuf);

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is written by another dashcam: name another file with --flight-file", self.0.display())
    }
}

impl std::error::Error for Locked {}

/// Returns whether a file can't be made because another dashcam writes it.
pub(crate) fn is_locked(error: &anyhow::Error) -> bool {
    error.is::<Locked>()
}

/// Of a file system's room, a ring takes at most a half.
const SHARE: u64 = 2;

/// A place for a ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// True if it is memory: nothing is written to a disk.
    pub(crate) is_memory: bool,
}

/// The place for a ring of so many `bytes` of the dashcam in `home` that records to `database`: the one that is `given`,
/// or else one on a tmpfs, or else one in the home.
pub(crate) fn choose(given: Option<&Path>, home: &Path, database: &Path, bytes: u64) -> Place {
    if let Some(path) = given {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let is_memory = path.parent().is_some_and(is_tmpfs);
        return Place { path, is_memory };
    }
    let name = name(home, database);
    let in_memory = candidates().into_iter().find(|folder| {
        // One that is there already has its room.
        let there = std::fs::metadata(folder.join(&name)).map_or(0, |file| file.blocks() * 512);
        is_tmpfs(folder) && free(folder).saturating_add(there) / SHARE >= bytes
    });
    match in_memory {
        Some(folder) => Place { path: folder.join(name), is_memory: true },
        None => Place { path: home.join("flight"), is_memory: false },
    }
}

/// All places where a ring may have been left, whatever room there is now.
pub(crate) fn all(given: Option<&Path>, home: &Path, database: &Path) -> Vec<PathBuf> {
    let name = name(home, database);
    let given = given.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let in_memory = candidates().into_iter().map(|folder| folder.join(&name));
    given.into_iter().chain(in_memory).chain([home.join("flight")]).collect()
}

/// Folders that may be memory.
fn candidates() -> Vec<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|path| !path.is_empty()).map(PathBuf::from);
    runtime.into_iter().chain([PathBuf::from("/dev/shm")]).collect()
}

/// A name that no dashcam of another user, another home or another database has.
fn name(home: &Path, database: &Path) -> String {
    let whole = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut hasher = DefaultHasher::new();
    (whole(home), whole(database)).hash(&mut hasher);
    format!("dashcam-flight-{}-{:016x}", rustix::process::geteuid().as_raw(), hasher.finish())
}

/// Opens the file for a new ring, which is its user's alone, and empties it. It is locked until it is closed.
///
/// # Errors
/// When it belongs to another, others can read it, another dashcam writes it, or it can't be made.
pub(crate) fn create(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.custom_flags(flags()).open(path).with_context(|| path.display().to_string())?;
    refuse_foreign(path, &file)?;
    if file.try_lock().is_err() {
        return Err(Locked(path.to_owned()).into());
    }
    if !dashcam_flight::may_replace(&file).with_context(|| path.display().to_string())? {
        bail!("{} is there and is no ring: name another file with --flight-file", path.display());
    }
    file.set_len(0).with_context(|| path.display().to_string())?;
    Ok(file)
}

/// Opens a file that a run has left, unless it is still written.
///
/// # Errors
/// When it belongs to another, or others can read it.
pub(crate) fn open_left(path: &Path) -> Result<Option<File>> {
    let file = match OpenOptions::new().read(true).custom_flags(flags()).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.with_context(|| path.display().to_string())?,
    };
    refuse_foreign(path, &file)?;
    Ok(file.try_lock_shared().is_ok().then_some(file))
}

/// Links are not followed, and nobody waits for a pipe.
fn flags() -> i32 {
    (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits().cast_signed()
}

fn refuse_foreign(path: &Path, file: &File) -> Result<()> {
    let facts = file.metadata().with_context(|| path.display().to_string())?;
    let user = rustix::process::geteuid().as_raw();
    if !facts.is_file() || facts.uid() != user || facts.nlink() != 1 {
        bail!(
            "{} is not a file of yours alone, and what passes is to be written there: delete it, or name another file \
             with --flight-file",
            path.display()
        );
    }
    if facts.mode() & 0o077 != 0 {
        bail!("{path} can be read by others than its owner: run `chmod 600 {path}`", path = path.display());
    }
    Ok(())
}

/// Bytes that are free in a folder's file system.
fn free(folder: &Path) -> u64 {
    statvfs(folder).map_or(0, |facts| facts.f_bavail.saturating_mul(facts.f_frsize))
}

/// Returns whether a folder is memory.
#[cfg(target_os = "linux")]
fn is_tmpfs(folder: &Path) -> bool {
    const TMPFS_MAGIC: u64 = 0x0102_1994;
    rustix::fs::statfs(folder).is_ok_and(|facts| facts.f_type as u64 == TMPFS_MAGIC)
}

#[cfg(not(target_os = "linux"))]
fn is_tmpfs(_folder: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_file_is_its_users_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ring");
        let file = create(&path).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(create(&path).unwrap_err().to_string().contains("another dashcam"), "it is locked");
        assert!(open_left(&path).unwrap().is_none(), "it is still written");
        drop(file);
        assert!(open_left(&path).unwrap().is_some());
        assert!(open_left(&folder.path().join("none")).unwrap().is_none());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(create(&path).unwrap_err().to_string().contains("chmod 600"));
        let notes = folder.path().join("notes");
        std::fs::write(&notes, "somebody's").unwrap();
        std::fs::set_permissions(&notes, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(create(&notes).unwrap_err().to_string().contains("is no ring"));
        assert_eq!(std::fs::read(&notes).unwrap(), b"somebody's");
    }

    #[test]
    fn links_folders_and_second_names_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        drop(create(&path("ring")).unwrap());
        std::os::unix::fs::symlink(path("ring"), path("link")).unwrap();
        assert!(create(&path("link")).is_err() && open_left(&path("link")).is_err());
        std::fs::hard_link(path("ring"), path("second")).unwrap();
        assert!(create(&path("second")).unwrap_err().to_string().contains("not a file of yours alone"));
        assert!(create(folder.path()).is_err());
    }

    #[test]
    fn homes_and_databases_have_rings_of_their_own() {
        let names: std::collections::HashSet<_> = [("/a", "/a/db"), ("/b", "/a/db"), ("/a", "/b/db")]
            .map(|(home, database)| name(Path::new(home), Path::new(database)))
            .into_iter()
            .collect();
        assert_eq!(names.len(), 3);
    }

    #[test]
    fn without_room_in_memory_it_is_in_the_home() {
        let home = Path::new("/home/of/nobody");
        let place = choose(None, home, &home.join("db"), u64::MAX);
        assert_eq!(place, Place { path: home.join("flight"), is_memory: false });
    }
}
