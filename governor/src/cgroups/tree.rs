//! A made-up tree of files, for tests.

use std::fs;
use std::path::Path;

/// The content of `/proc/self/mountinfo` where only version 2 is mounted.
pub(super) const V2: &str = "30 23 0:27 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw";
/// The same for the three controllers of version 1.
pub(super) const V1: &str = "31 23 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
    32 23 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
    33 23 0:30 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids";

pub(super) struct Tree(tempfile::TempDir);

impl Tree {
    pub(super) fn new(cgroup: &str, mountinfo: &str) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        tree.write("proc/self/cgroup", cgroup);
        tree.write("proc/self/mountinfo", mountinfo);
        tree
    }

    pub(super) fn root(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file below the root.
    pub(super) fn write(&self, path: &str, content: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes files of the group at `folder`, below where groups are mounted.
    pub(super) fn group(&self, folder: &str, files: &[(&str, &str)]) {
        for (file, content) in files {
            self.write(&format!("sys/fs/cgroup/{folder}/{file}"), content);
        }
    }
}
