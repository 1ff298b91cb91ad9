//! Files and folders of ours that lie over the system's while a program runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::families::FAMILIES;
use super::pointers::Pointers;
use super::template;

/// Ours and the system's of each pair in the table whose system's is there. A folder of ours becomes a copy of the
/// system's with ours added; where both have the same file, the pair is left out.
pub(crate) fn laid(pointers: &Pointers<'_>) -> Vec<(PathBuf, PathBuf)> {
    let pairs = FAMILIES.iter().flat_map(|family| family.laid);
    let there = pairs.filter(|(_, over)| Path::new(over).exists());
    let laid = there.filter_map(|(ours, over)| {
        let ours = PathBuf::from(template::expand(ours, pointers, &|_| None));
        let over = PathBuf::from(over);
        if !over.is_dir() {
            return Some((ours, over));
        }
        let folder = pointers.passing.join("laid").join(over.strip_prefix("/").unwrap_or(&over));
        match copy(&over, &folder).and_then(|()| copy(&ours, &folder)) {
            Ok(()) => Some((folder, over)),
            Err(error) => {
                tracing::debug!("nothing lies over {}: {error}", over.display());
                None
            }
        }
    });
    laid.collect()
}

/// Copies what is in a folder; fails where `to` has a file of the same name.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let copied = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &copied)?;
        } else if copied.exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        } else {
            fs::copy(&path, &copied)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_added_to_another_unless_they_share_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        for file in ["system/a/b", "ours/a/c", "clash/a/b"] {
            fs::create_dir_all(at(file).parent().unwrap()).unwrap();
            fs::write(at(file), file).unwrap();
        }
        copy(&at("system"), &at("laid")).unwrap();
        copy(&at("ours"), &at("laid")).unwrap();
        assert_eq!(fs::read_to_string(at("laid/a/b")).unwrap(), "system/a/b");
        assert_eq!(fs::read_to_string(at("laid/a/c")).unwrap(), "ours/a/c");
        assert_eq!(copy(&at("clash"), &at("laid")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(at("laid/a/b")).unwrap(), "system/a/b");
    }
}
