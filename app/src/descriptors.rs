//! The types of Protocol Buffers: a descriptor set in a file, or the one in the home.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use dashcam_views::content::Descriptors;

use crate::home::Home;

/// A descriptor set, and its bytes.
pub(crate) struct ReadSet {
    pub(crate) set: Descriptors,
    pub(crate) bytes: Vec<u8>,
}

/// Where the home has its set.
pub(crate) fn kept_at(home: &Home) -> PathBuf {
    home.path().join(Descriptors::FILE)
}

/// The set in the home; `None` if there is none.
///
/// # Errors
/// When it can't be read.
pub(crate) fn kept(home: &Home) -> Result<Option<ReadSet>> {
    let path = kept_at(home);
    match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        opened => read_from(opened.with_context(|| path.display().to_string())?, &path).map(Some),
    }
}

/// The set in a file.
///
/// # Errors
/// When it can't be read, is no set, or is too large.
pub(crate) fn read(path: &Path) -> Result<ReadSet> {
    read_from(File::open(path).with_context(|| path.display().to_string())?, path)
}

/// The set that comes from `source`, which `path` names in errors.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_from(source: impl Read, path: &Path) -> Result<ReadSet> {
    let place = || path.display().to_string();
    let (mut bytes, most) = (Vec::new(), Descriptors::LARGEST as u64);
    source.take(most + 1).read_to_end(&mut bytes).with_context(place)?;
    if bytes.len() as u64 > most {
        bail!("{} is larger than {} MiB, which descriptors may have", path.display(), most >> 20);
    }
    let set = Descriptors::read(&bytes).with_context(place)?;
    Ok(ReadSet { set, bytes })
}
