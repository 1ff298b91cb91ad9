//! A control group: a folder with small files.

use std::fs;
use std::path::PathBuf;

/// The version of a hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// A hierarchy for each controller.
    V1,
    /// One for all.
    V2,
}

/// A group in a hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) folder: PathBuf,
    pub(super) version: Version,
}

impl Group {
    /// The content of a file; `None` if it is not there, as in the root of a hierarchy.
    pub(super) fn read(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(file)).ok()
    }

    /// The number that a file holds; `None` also for `max`.
    pub(super) fn number(&self, file: &str) -> Option<u64> {
        self.read(file)?.trim().parse().ok()
    }

    /// The number behind `key` in a file of lines `KEY NUMBER`.
    pub(super) fn keyed(&self, file: &str, key: &str) -> Option<u64> {
        let text = self.read(file)?;
        let mut lines = text.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(name, _)| *name == key)?.1.trim().parse().ok()
    }
}
