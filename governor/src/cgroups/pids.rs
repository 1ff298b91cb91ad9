//! The threads of a group.

use super::group::Group;

/// The threads and processes of a group, and their limit. Each thread counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadUse {
    /// How many there are.
    pub used: u64,
    /// How many there may be.
    pub limit: u64,
}

impl ThreadUse {
    /// How many more there may be.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

/// Reads them; `None` without a limit. Both versions have the same files.
pub(super) fn of(group: &Group) -> Option<ThreadUse> {
    Some(ThreadUse { limit: group.number("pids.max")?, used: group.number("pids.current")? })
}

#[cfg(test)]
mod tests {
    use super::super::Cgroups;
    use super::super::tree::{Tree, V1, V2};
    use super::*;

    #[test]
    fn the_one_that_may_have_the_fewest_more_counts() {
        for (cgroup, mounts, folder) in [("0::/pod/box", V2, "pod"), ("5:pids:/pod/box", V1, "pids/pod")] {
            let tree = Tree::new(cgroup, mounts);
            let threads = || Cgroups::find(tree.root()).threads();
            assert_eq!(threads(), None);
            tree.group(&format!("{folder}/box"), &[("pids.max", "max\n"), ("pids.current", "7\n")]);
            assert_eq!(threads(), None);
            tree.group(&format!("{folder}/box"), &[("pids.max", "64\n")]);
            assert_eq!(threads(), Some(ThreadUse { used: 7, limit: 64 }));
            tree.group(folder, &[("pids.max", "100\n"), ("pids.current", "90\n")]);
            assert_eq!(threads().map(|threads| threads.left()), Some(10));
        }
    }
}
