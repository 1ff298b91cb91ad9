//! The memory of a group.

use super::group::{Group, Version};

/// Limits beyond that are none: version 1 writes "no limit" as a number close to the largest.
const UNLIMITED: u64 = 1 << 60;

/// The memory that a group uses, and its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryUse {
    /// Bytes, without pages of files that the kernel can drop at once (`inactive_file`).
    pub used: u64,
    /// Bytes, at most.
    pub limit: u64,
}

impl MemoryUse {
    /// Bytes until it counts as crowded: 80 % of the limit, or 16 MiB before it.
    pub(super) fn room(&self) -> i64 {
        let limit = i64::try_from(self.limit).unwrap_or(i64::MAX);
        let used = i64::try_from(self.used).unwrap_or(i64::MAX);
        (limit / 10 * 8 - used).min(limit - (16 << 20) - used)
    }
}

/// Reads it; `None` without a limit.
pub(super) fn of(group: &Group) -> Option<MemoryUse> {
    let (limit, used, droppable) = match group.version {
        Version::V2 => {
            // Beyond `high` the kernel slows the group down, and traffic with it.
            let limits = ["memory.max", "memory.high"].into_iter().filter_map(|file| group.number(file));
            let droppable = group.keyed("memory.stat", "inactive_file");
            (limits.min(), group.number("memory.current"), droppable)
        }
        Version::V1 => {
            let droppable = group.keyed("memory.stat", "total_inactive_file");
            (group.number("memory.limit_in_bytes"), group.number("memory.usage_in_bytes"), droppable)
        }
    };
    let limit = limit.filter(|limit| *limit < UNLIMITED)?;
    Some(MemoryUse { used: used?.saturating_sub(droppable.unwrap_or(0)), limit })
}

#[cfg(test)]
mod tests {
    use super::super::Cgroups;
    use super::super::tree::{Tree, V1, V2};
    use super::*;

    fn check(tree: &Tree, expect: Option<(u64, u64)>) {
        let found = Cgroups::find(tree.root()).memory();
        assert_eq!(found, expect.map(|(used, limit)| MemoryUse { used, limit }));
    }

    #[test]
    fn version_2() {
        let tree = Tree::new("0::/pod/box", V2);
        check(&tree, None);
        let stat = "anon 5\ninactive_file 3000\nactive_file 7";
        tree.group(
            "pod/box",
            &[("memory.max", "max\n"), ("memory.current", "9000\n"), ("memory.stat", stat)],
        );
        check(&tree, None);
        tree.group("pod/box", &[("memory.max", "1000000\n")]);
        check(&tree, Some((6000, 1_000_000)));
        tree.group("pod/box", &[("memory.high", "900000\n")]);
        check(&tree, Some((6000, 900_000)));
        // The pod has less room than the container.
        tree.group("pod", &[("memory.max", "800000"), ("memory.current", "790000"), ("memory.stat", "")]);
        check(&tree, Some((790_000, 800_000)));
        tree.group("pod", &[("memory.max", "max")]);
        check(&tree, Some((6000, 900_000)));
    }

    #[test]
    fn version_1() {
        let tree = Tree::new("4:memory:/box", V1);
        let unlimited = "9223372036854771712\n";
        let stat = "cache 1\ninactive_file 5\ntotal_inactive_file 2000\n";
        tree.group(
            "memory/box",
            &[("memory.limit_in_bytes", unlimited), ("memory.usage_in_bytes", "9000"), ("memory.stat", stat)],
        );
        check(&tree, None);
        tree.group("memory/box", &[("memory.limit_in_bytes", "65536\n")]);
        check(&tree, Some((7000, 65_536)));
        assert_eq!(Cgroups::find(tree.root()).memory_limit(), Some(65_536));
    }

    /// The group with the larger share in use may have more left.
    #[test]
    fn the_one_with_the_least_room_counts() {
        let tree = Tree::new("0::/pod/box", V2);
        let mib = |mib: u64| (mib << 20).to_string();
        tree.group("pod", &[("memory.max", &mib(10_000)), ("memory.current", &mib(7000))]);
        tree.group("pod/box", &[("memory.max", &mib(64)), ("memory.current", &mib(44))]);
        check(&tree, Some((44 << 20, 64 << 20)));
        assert_eq!(Cgroups::find(tree.root()).memory_limit(), Some(64 << 20));
    }
}
