//! The control groups that dashcam runs in, and their limits: those of the container, of the pod, of the service.
//!
//! A group is bound by its own limits and by those of all groups above it, so each answer is the tightest of them. Both
//! versions are read, each controller where it is. Files are found below a root, so that tests can make up a tree.

mod cpu;
mod group;
mod memory;
mod mounts;
mod pids;
#[cfg(test)]
mod tree;

use std::path::Path;

use group::Group;
pub use memory::MemoryUse;
use mounts::Hierarchies;
pub use pids::ThreadUse;

/// The groups of this process, by controller, from its own upwards. Empty where there are none.
#[derive(Debug, Clone, Default)]
pub struct Cgroups {
    cpu: Vec<Group>,
    memory: Vec<Group>,
    pids: Vec<Group>,
}

impl Cgroups {
    /// Finds them in `proc/self` below `root`, which is `/` but in tests. Nothing that is not there is an error.
    #[must_use]
    pub fn find(root: &Path) -> Self {
        let hierarchies = Hierarchies::read(root);
        let [cpu, memory, pids] = ["cpu", "memory", "pids"].map(|controller| hierarchies.groups(controller));
        Self { cpu, memory, pids }
    }

    /// The CPUs that a quota allows at once, such as 1.5; `None` without a quota.
    #[must_use]
    pub fn cpus(&self) -> Option<f64> {
        self.cpu.iter().filter_map(cpu::quota).min_by(f64::total_cmp)
    }

    /// The memory in use, of the group that has least room before its limit; `None` without a limit.
    #[must_use]
    pub fn memory(&self) -> Option<MemoryUse> {
        self.memory.iter().filter_map(memory::of).min_by_key(MemoryUse::room)
    }

    /// The smallest limit on memory in bytes.
    #[must_use]
    pub fn memory_limit(&self) -> Option<u64> {
        self.memory.iter().filter_map(memory::of).map(|memory| memory.limit).min()
    }

    /// The threads and processes, of the group that may have the fewest more; `None` without a limit.
    #[must_use]
    pub fn threads(&self) -> Option<ThreadUse> {
        self.pids.iter().filter_map(pids::of).min_by_key(ThreadUse::left)
    }
}
