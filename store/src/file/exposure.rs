//! Checks that nobody else could change what we keep: a folder, a database and the files beside it.
//!
//! A user who can write a folder can put another file, or a link to one, in a file's place; an owner can take the right to.
//! A sticky folder, as /tmp is, keeps a file from all but its owner.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::file::path::beside;

const GROUP_AND_OTHERS_WRITE: u32 = 0o022;
const OTHERS_WRITE: u32 = 0o002;
const GROUP_OR_OTHERS_READ: u32 = 0o044;
const GROUP_OR_OTHERS_ENTER: u32 = 0o011;
const STICKY: u32 = 0o1000;
/// A database, and what lies beside it.
const ENDINGS: [&str; 4] = ["", "-wal", "-shm", ".lock"];

/// Others than we can change it. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposed {
    path: PathBuf,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The group or everybody may write it.
    Writable { mode: u32 },
    /// Everybody may write a folder further up, and rename what is in it.
    Above { mode: u32 },
    /// Somebody else's.
    Owner { owner: u32, we: u32 },
    /// Somebody else's link, in a folder that many may write.
    Link { owner: u32 },
}

impl fmt::Display for Exposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.why {
            Why::Writable { mode } => write!(
                f,
                "{path} can be written by others than its owner (mode {mode:04o}), who could change or replace the recording: \
                run `chmod go-w '{path}'`"
            ),
            Why::Above { mode } => write!(
                f,
                "{path} can be written by everybody (mode {mode:04o}), who could replace what is below it: run \
                `chmod o-w '{path}'` (or `chmod +t '{path}'`), or choose another place"
            ),
            Why::Owner { owner, we } => write!(
                f,
                "{path} belongs to user {owner}, who could change or replace the recording, and dashcam runs as user {we}: run \
                dashcam as user {owner}, or `chown {we} '{path}'`, or choose another place"
            ),
            Why::Link { owner } => write!(
                f,
                "{path} is a link that user {owner} made, who could let it lead elsewhere: name the file itself"
            ),
        }
    }
}

impl std::error::Error for Exposed {}

/// The mode and the owner of a file or folder.
#[derive(Debug, Clone, Copy)]
struct Found {
    mode: u32,
    owner: u32,
}

impl Found {
    fn at(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Self { mode: metadata.mode() & 0o7777, owner: metadata.uid() })
    }

    fn trouble_as_folder(self, we: u32) -> Option<Why> {
        if self.mode & GROUP_AND_OTHERS_WRITE != 0 && self.mode & STICKY == 0 {
            return Some(Why::Writable { mode: self.mode });
        }
        // Whoever owns a sticky folder may rename what is in it all the same.
        self.trouble_as_owner(we)
    }

    /// In `folder`: where nobody else may enter that, nobody else reaches the file.
    fn trouble_as_file(self, folder: Self, we: u32) -> Option<Why> {
        let is_reachable = folder.mode & GROUP_OR_OTHERS_ENTER != 0;
        if self.mode & GROUP_AND_OTHERS_WRITE != 0 && is_reachable {
            return Some(Why::Writable { mode: self.mode });
        }
        self.trouble_as_owner(we)
    }

    fn trouble_above(self) -> Option<Why> {
        let exposed = self.mode & OTHERS_WRITE != 0 && self.mode & STICKY == 0;
        exposed.then_some(Why::Above { mode: self.mode })
    }

    /// Root can change everything anyway.
    fn trouble_as_owner(self, we: u32) -> Option<Why> {
        (self.owner != we && self.owner != 0).then_some(Why::Owner { owner: self.owner, we })
    }
}

/// Fails if others than root and the user `we` could change what is in the folder `path`. What can't be looked at is left to
/// whoever opens it.
///
/// # Errors
/// Says what to do.
pub fn refuse_exposed_folder(path: &Path, we: u32) -> Result<(), Exposed> {
    folder(path, we).map(drop)
}

/// Fails if others than root and the user `we` could change the file `path`; one that is not there is no trouble.
///
/// # Errors
/// Says what to do.
pub fn refuse_exposed_file(path: &Path, we: u32) -> Result<(), Exposed> {
    let Ok(link) = std::fs::symlink_metadata(path) else { return Ok(()) };
    if link.is_symlink() && link.uid() != we && link.uid() != 0 {
        return Err(Exposed { path: path.to_owned(), why: Why::Link { owner: link.uid() } });
    }
    let Ok(real) = std::fs::canonicalize(path) else { return Ok(()) };
    let Some(Some(around)) = real.parent().map(|parent| folder(parent, we)).transpose()? else {
        return Ok(());
    };
    let Ok(found) = Found::at(&real) else { return Ok(()) };
    exposed(&real, found.trouble_as_file(around, we))
}

/// Fails if others than we could change the database `path`, or replace it or the files beside it.
pub(crate) fn refuse_exposed_database(path: &Path) -> Result<(), Exposed> {
    let we = rustix::process::geteuid().as_raw();
    if let Some(around) = path.parent() {
        refuse_exposed_folder(around, we)?;
    }
    // SQLite keeps its files beside the one that a link leads to.
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let files = [path, &real].into_iter().flat_map(|path| ENDINGS.map(|ending| beside(path, ending)));
    files.into_iter().try_for_each(|file| refuse_exposed_file(&file, we))
}

/// Says so if others can read the database `path`, which holds what passed as it was sent.
pub(crate) fn warn_of_readers(path: &Path) {
    let mode = |path: Option<&Path>| path.and_then(|path| Found::at(path).ok()).map_or(0, |found| found.mode);
    let is_reachable = mode(path.parent()) & GROUP_OR_OTHERS_ENTER != 0;
    if is_reachable && mode(Some(path)) & GROUP_OR_OTHERS_READ != 0 {
        let path = path.display();
        tracing::warn!(
            "{path} can be read by others than its owner, passwords that passed among it: run `chmod go-r '{path}'`"
        );
    }
}

/// Opens a file to be written, or makes it so that only its owner can read it.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    // Made by us, or there before: never where a link leads that somebody put there meanwhile.
    match options.clone().create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => options.open(path),
        made => made,
    }
}

fn folder(path: &Path, we: u32) -> Result<Option<Found>, Exposed> {
    let Ok(real) = std::fs::canonicalize(path) else { return Ok(None) };
    let Ok(found) = Found::at(&real) else { return Ok(None) };
    exposed(&real, found.trouble_as_folder(we))?;
    for above in real.ancestors().skip(1) {
        if let Ok(found) = Found::at(above) {
            exposed(above, found.trouble_above())?;
        }
    }
    Ok(Some(found))
}

fn exposed(path: &Path, why: Option<Why>) -> Result<(), Exposed> {
    why.map_or(Ok(()), |why| Err(Exposed { path: path.to_owned(), why }))
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    const WE: u32 = 1000;
    const OTHER: u32 = 1001;

    #[test]
    fn folders() {
        let check = |mode, owner, expect| {
            assert_eq!(Found { mode, owner }.trouble_as_folder(WE), expect, "{mode:o} {owner}");
        };
        check(0o700, WE, None);
        check(0o755, 0, None);
        check(0o1777, 0, None);
        check(0o775, WE, Some(Why::Writable { mode: 0o775 }));
        check(0o757, WE, Some(Why::Writable { mode: 0o757 }));
        check(0o755, OTHER, Some(Why::Owner { owner: OTHER, we: WE }));
        check(0o1777, OTHER, Some(Why::Owner { owner: OTHER, we: WE }));
    }

    #[test]
    fn files() {
        let check = |mode, owner, folder, expect| {
            let folder = Found { mode: folder, owner: WE };
            assert_eq!(
                Found { mode, owner }.trouble_as_file(folder, WE),
                expect,
                "{mode:o} {owner} {folder:?}"
            );
        };
        check(0o600, WE, 0o755, None);
        check(0o664, WE, 0o700, None);
        check(0o664, WE, 0o755, Some(Why::Writable { mode: 0o664 }));
        check(0o606, 0, 0o1777, Some(Why::Writable { mode: 0o606 }));
        check(0o600, OTHER, 0o700, Some(Why::Owner { owner: OTHER, we: WE }));
    }

    fn place() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn chmod(path: &Path, mode: u32) {
        set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_message_is_the_command_that_mends_it() {
        let place = place();
        chmod(place.path(), 0o775);
        let database = place.path().join("a.db");
        let message = refuse_exposed_database(&database).unwrap_err().to_string();
        assert!(message.contains(&format!("`chmod go-w '{}'`", place.path().display())), "{message}");
        chmod(place.path(), 0o755);
        refuse_exposed_database(&database).unwrap();
    }

    #[test]
    fn everything_beside_a_database_is_looked_at() {
        let place = place();
        chmod(place.path(), 0o755);
        for ending in ENDINGS {
            let file = beside(&place.path().join("a.db"), ending);
            write(&file, "").unwrap();
            chmod(&file, 0o622);
            let message = refuse_exposed_database(&place.path().join("a.db")).unwrap_err().to_string();
            assert!(message.contains(&format!("`chmod go-w '{}'`", file.display())), "{message}");
            chmod(&file, 0o600);
        }
    }

    #[test]
    fn a_link_is_followed_to_where_it_leads_and_a_folder_up_to_the_root() {
        let (place, open) = (place(), place());
        chmod(open.path(), 0o777);
        let below = open.path().join("below");
        std::fs::create_dir(&below).unwrap();
        chmod(&below, 0o700);
        write(below.join("b.db"), "").unwrap();
        symlink(below.join("b.db"), place.path().join("a.db")).unwrap();
        let error = refuse_exposed_database(&place.path().join("a.db")).unwrap_err();
        assert_eq!(error.why, Why::Above { mode: 0o777 });
        chmod(open.path(), 0o1777);
        refuse_exposed_database(&place.path().join("a.db")).unwrap();
    }
}
