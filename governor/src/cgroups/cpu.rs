//! The CPU quota of a group.

use super::group::{Group, Version};

/// CPUs that it may use at once; `None` without a quota.
pub(super) fn quota(group: &Group) -> Option<f64> {
    let (quota, period) = match group.version {
        Version::V2 => {
            let text = group.read("cpu.max")?;
            let (quota, period) = text.trim().split_once(' ')?;
            (quota.parse::<f64>().ok()?, period.parse::<f64>().ok()?)
        }
        // -1 is no quota, and no number here.
        Version::V1 => (group.number("cpu.cfs_quota_us")? as f64, group.number("cpu.cfs_period_us")? as f64),
    };
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

#[cfg(test)]
mod tests {
    use super::super::Cgroups;
    use super::super::tree::{Tree, V1, V2};

    #[test]
    fn the_smallest_quota_counts() {
        let tree = Tree::new("0::/pod/box", V2);
        let cpus = || Cgroups::find(tree.root()).cpus();
        assert_eq!(cpus(), None);
        tree.group("pod/box", &[("cpu.max", "max 100000\n")]);
        assert_eq!(cpus(), None);
        tree.group("pod", &[("cpu.max", "250000 100000\n")]);
        assert_eq!(cpus(), Some(2.5));
        tree.group("pod/box", &[("cpu.max", "50000 100000\n")]);
        assert_eq!(cpus(), Some(0.5));
    }

    #[test]
    fn version_1() {
        let tree = Tree::new("3:cpu,cpuacct:/box", V1);
        let cpus = || Cgroups::find(tree.root()).cpus();
        tree.group("cpu,cpuacct/box", &[("cpu.cfs_quota_us", "-1\n"), ("cpu.cfs_period_us", "100000\n")]);
        assert_eq!(cpus(), None);
        tree.group("cpu,cpuacct/box", &[("cpu.cfs_quota_us", "150000\n")]);
        assert_eq!(cpus(), Some(1.5));
    }
}
