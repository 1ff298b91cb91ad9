//! A file that a command writes: there only once it is whole.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use tempfile::NamedTempFile;

/// A file that goes by another name, which nobody can foresee, until it is whole. Dropped before that, it is deleted.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    replaces: bool,
    file: NamedTempFile,
}

impl NewFile {
    /// Begins a file that will be at `path`; `replaces` the one that is there, if it may.
    ///
    /// # Errors
    /// When there is one that may not be replaced, or the folder can't be written.
    pub(crate) fn begin(path: &Path, replaces: bool) -> Result<Self> {
        if !replaces && path.symlink_metadata().is_ok() {
            return Err(there_already(path));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Made by us alone, for us alone: it holds secrets that passed, as the database does.
        let file = tempfile::Builder::new().prefix(".dashcam-").suffix(".unfinished").tempfile_in(folder);
        let file = file.with_context(|| path.display().to_string())?;
        Ok(Self { path: path.to_owned(), replaces, file })
    }

    /// The file, to be written.
    ///
    /// # Errors
    /// When the system gives no second handle of it.
    pub(crate) fn file(&self) -> Result<File> {
        self.file.as_file().try_clone().with_context(|| self.path.display().to_string())
    }

    /// Puts the file, which is whole now, in its place.
    ///
    /// # Errors
    /// When the disk does not take it, or another file is there by now.
    pub(crate) fn finish(self) -> Result<()> {
        let Self { path, replaces, file } = self;
        let place = || path.display().to_string();
        file.as_file().sync_all().with_context(place)?;
        if replaces && path.metadata().is_ok_and(|there| !there.is_file()) {
            bail!("{} is not a file: choose another one with -o, or - for standard output", path.display());
        }
        let put = if replaces { file.persist(&path) } else { file.persist_noclobber(&path) };
        match put {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(there_already(&path)),
            Err(error) => Err(error.error).with_context(place),
        }
    }
}

fn there_already(path: &Path) -> anyhow::Error {
    anyhow!("{} already exists: choose another file with -o, or replace it with --force", path.display())
}
