//! The files of the table, written for a program that is about to start.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use super::families::FAMILIES;
use super::family::Stay;
use super::pointers::Pointers;
use super::template;
use crate::home::Home;

/// The folders of the files. Those of this run go when it is dropped.
pub(crate) struct ClientFiles {
    lasting: PathBuf,
    passing: TempDir,
}

impl ClientFiles {
    /// Makes the folders.
    pub(crate) fn new(home: &Home) -> Result<Self> {
        let passing = tempfile::Builder::new().prefix("dashcam-run-").tempdir();
        let passing = passing.context("no folder for temporary files can be made")?;
        Ok(Self { lasting: home.path().join("clients"), passing })
    }

    pub(crate) fn lasting(&self) -> &Path {
        &self.lasting
    }

    pub(crate) fn passing(&self) -> &Path {
        self.passing.path()
    }

    /// Writes all files; `current` is the environment as it is.
    pub(crate) fn write(
        &self,
        home: &Home,
        pointers: &Pointers<'_>,
        current: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<()> {
        for file in FAMILIES.iter().flat_map(|family| family.files) {
            match file.stay {
                Stay::Lasting => {
                    let name = format!("clients/{}", file.path);
                    make_folder(&home.path().join(&name))?;
                    home.write_changed(&name, file.text.as_bytes())?;
                }
                Stay::Passing { behind } => {
                    let mut paths = behind.iter().map(|path| template::expand(path, pointers, current));
                    let mut text = paths.find_map(|path| fs::read(path).ok()).unwrap_or_default();
                    if text.last().is_some_and(|last| *last != b'\n') {
                        text.push(b'\n');
                    }
                    text.extend_from_slice(template::expand(file.text, pointers, current).as_bytes());
                    let path = self.passing().join(file.path);
                    make_folder(&path)?;
                    fs::write(&path, text).with_context(|| path.display().to_string())?;
                }
            }
        }
        Ok(())
    }
}

fn make_folder(file: &Path) -> Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}
