//! The key of redaction: pseudonyms are made with it, and secrets are sealed. It lies in the home, never in a database.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use dashcam_redact::Keys;

use crate::home::{Home, random_token, write_new};

/// The file's name in the home.
const NAME: &str = "redaction.key";

/// Where it lies.
pub(crate) fn path(home: &Home) -> PathBuf {
    home.path().join(NAME)
}

/// A key that nobody else has.
pub(crate) fn in_memory() -> Keys {
    Keys::new(parsed(&random_token()).expect("it is 64 hexadecimal digits"))
}

/// Reads the key, or makes one.
///
/// # Errors
/// When the file can't be read or made, others can read it, or it holds no key.
pub(crate) fn open_or_create(home: &Home) -> Result<Keys> {
    let path = path(home);
    if !path.exists()
        && let Err(error) = write_new(&path, &random_token())
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error).with_context(|| path.display().to_string());
    }
    read(&path)
}

/// Reads the key; `None` if there is none: then nothing that was sealed can be opened.
///
/// # Errors
/// When the file can't be read, others can read it, or it holds no key.
pub(crate) fn open(home: &Home) -> Result<Option<Keys>> {
    let path = path(home);
    if path.exists() { read(&path).map(Some) } else { Ok(None) }
}

fn read(path: &Path) -> Result<Keys> {
    let mode = fs::metadata(path).with_context(|| path.display().to_string())?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("{path} can be read by others than its owner: run `chmod 600 {path}`", path = path.display());
    }
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    match parsed(text.trim()) {
        Some(key) => Ok(Keys::new(key)),
        None => bail!(
            "{path} holds no key (64 hexadecimal digits): put the right one back, or delete the file, and dashcam makes a \
             new one; what was sealed with the old one can't be opened then",
            path = path.display()
        ),
    }
}

fn parsed(text: &str) -> Option<[u8; 32]> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let pairs: &[[u8; 2]; 32] = pairs.try_into().ok()?;
    let mut key = [0; 32];
    for (byte, pair) in key.iter_mut().zip(pairs) {
        let digits = pair.map(|digit| char::from(digit).to_digit(16));
        let [Some(high), Some(low)] = digits else { return None };
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(Some(folder.path().join("home"))).unwrap();
        home.create().unwrap();
        (folder, home)
    }

    #[test]
    fn it_is_made_once_and_for_its_owner_alone() {
        let (_folder, home) = home();
        assert!(open(&home).unwrap().is_none());
        let id = open_or_create(&home).unwrap().pseudonym(b"a");
        assert_eq!(open_or_create(&home).unwrap().pseudonym(b"a"), id);
        assert_eq!(open(&home).unwrap().unwrap().pseudonym(b"a"), id);
        let path = path(&home);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(open_or_create(&home).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn half_a_key_is_none() {
        let (_folder, home) = home();
        open_or_create(&home).unwrap();
        for text in ["", "00ff", &"0".repeat(63), &"g".repeat(64)] {
            fs::write(home.path().join(NAME), text).unwrap();
            assert!(open(&home).unwrap_err().to_string().contains("holds no key"), "{text}");
        }
    }
}
