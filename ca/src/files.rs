//! Files that appear whole or not at all, and never replace another.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Tells apart the files that this process is writing.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// Writes `path` with the permission bits `mode`. Until everything is on the disk it goes by another name, so
/// that a crash leaves no half file under this one.
///
/// # Errors
/// `AlreadyExists` when there is such a file: it stays as it is.
pub(crate) fn create_whole(path: &Path, mode: u32, content: &str) -> io::Result<()> {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let unfinished = path.with_extension(format!("unfinished-{}-{number}", std::process::id()));
    // What is there by this name is from a process that is gone.
    ignore_missing(fs::remove_file(&unfinished))?;
    let written = write(&unfinished, mode, content)
        // A link fails when its name is taken, where a rename would replace the other file.
        .and_then(|()| fs::hard_link(&unfinished, path));
    ignore_missing(fs::remove_file(&unfinished))?;
    written?;
    path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

fn write(path: &Path, mode: u32, content: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

/// The text of `path`, or `None` if there is no such file.
pub(crate) fn read_if_there(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

pub(crate) fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_written_once_with_its_mode() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("key.pem");
        create_whole(&path, 0o600, "first").unwrap();
        let again = create_whole(&path, 0o600, "second").unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing unfinished is left");
    }
}
