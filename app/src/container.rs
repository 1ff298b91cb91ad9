//! The limits of the container that dashcam runs in, which hold from the start: CPUs, memory, threads.

pub(crate) mod threads;

use std::path::PathBuf;

use dashcam_governor::{Cgroups, MemoryUse, ThreadUse};
use threads::{Needs, ThreadPlan};

use crate::config::Config;

/// The folder below which `proc/self` and the control groups are found, instead of `/`: tests make one up.
const ROOT: &str = "DASHCAM_CGROUP_ROOT";
/// Of a limit on memory, the recorder gets an eighth …
const OF_RECORDER: u64 = 8;
/// … at least this much …
const LEAST_OF_RECORDER: u64 = 4 << 20;
/// … bytes in transit a quarter …
const OF_TRANSIT: u64 = 4;
/// … at least this much …
const LEAST_OF_TRANSIT: u64 = 16 << 20;
/// … and the caches of the database a sixteenth, within these bounds.
const OF_CACHE: u64 = 16;
const CACHE: std::ops::RangeInclusive<u64> = (2 << 20)..=(16 << 20);

/// The container, as it was found at the start.
#[derive(Debug, Clone)]
pub(crate) struct Container {
    pub(crate) cgroups: Cgroups,
    /// CPUs that dashcam may run on.
    cores: usize,
    /// The threads there were at the start, and how many there may be.
    threads: Option<ThreadUse>,
}

impl Container {
    /// Looks at the one that this process is in; where there is none, nothing is limited.
    pub(crate) fn find() -> Self {
        let root = std::env::var_os(ROOT).map_or_else(|| PathBuf::from("/"), PathBuf::from);
        let cgroups = Cgroups::find(&root);
        let threads = cgroups.threads();
        Self { cgroups, cores: cores(), threads }
    }

    /// The CPUs that dashcam may use at once, such as 1.5.
    pub(crate) fn cpus(&self) -> f64 {
        let cores = self.cores as f64;
        self.cgroups.cpus().map_or(cores, |quota| quota.min(cores))
    }

    /// The threads that there may be.
    pub(crate) fn thread_plan(&self) -> ThreadPlan {
        // A part of a CPU takes a thread as well.
        let workers = (self.cpus().ceil() as usize).max(1);
        ThreadPlan::new(Needs { workers }, self.threads.map(|threads| threads.left()))
    }

    /// The reason why dashcam can't run here, if that is so.
    pub(crate) fn shortage(&self) -> Option<String> {
        let threads = self.threads?;
        threads::shortage(threads)
    }

    /// The memory in use, and its limit.
    pub(crate) fn memory(&self) -> Option<MemoryUse> {
        self.cgroups.memory()
    }

    /// Sets what `config` does not say to a share of the limit on memory, where the defaults would be too much.
    pub(crate) fn shrink(&self, config: &mut Config) {
        let Some(limit) = self.cgroups.memory_limit() else { return };
        let share = |of: u64, least: u64, most: usize| {
            usize::try_from((limit / of).max(least)).unwrap_or(usize::MAX).min(most)
        };
        let recorder = dashcam_recorder::Limits::default().memory;
        config.recorder.memory.get_or_insert(share(OF_RECORDER, LEAST_OF_RECORDER, recorder));
        if config.limits.head.is_none() {
            let transit = dashcam_proxy::Limits::default().transit;
            config.limits.transit.get_or_insert(share(OF_TRANSIT, LEAST_OF_TRANSIT, transit));
        }
    }

    /// Bytes of the database that its writer keeps in memory.
    pub(crate) fn cache(&self) -> u64 {
        let limit = self.cgroups.memory_limit();
        limit.map_or(*CACHE.end(), |limit| (limit / OF_CACHE).clamp(*CACHE.start(), *CACHE.end()))
    }
}

/// The CPUs that this process may run on; quotas aside, which the standard library rounds down.
#[cfg(target_os = "linux")]
fn cores() -> usize {
    let allowed = rustix::thread::sched_getaffinity(None).map(|cores| cores.count() as usize);
    allowed.ok().filter(|cores| *cores > 0).unwrap_or_else(available)
}

#[cfg(not(target_os = "linux"))]
fn cores() -> usize {
    available()
}

fn available() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A container of version 2 with these files.
    fn container(cores: usize, files: &[(&str, &str)]) -> (tempfile::TempDir, Container) {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, content: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        };
        write("proc/self/cgroup", "0::/");
        write("proc/self/mountinfo", "30 23 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw");
        for (file, content) in files {
            write(&format!("sys/fs/cgroup/{file}"), content);
        }
        let cgroups = Cgroups::find(root.path());
        let threads = cgroups.threads();
        (root, Container { cgroups, cores, threads })
    }

    #[test]
    fn a_quota_is_rounded_up_to_threads() {
        for (quota, cores, cpus, workers) in [
            ("max 100000", 4, 4.0, 4),
            ("150000 100000", 4, 1.5, 2),
            ("20000 100000", 4, 0.2, 1),
            ("800000 100000", 4, 4.0, 4),
        ] {
            let (_root, container) = container(cores, &[("cpu.max", quota)]);
            assert_eq!((container.cpus(), container.thread_plan().workers), (cpus, workers), "{quota}");
        }
        let (_root, free) = container(3, &[]);
        assert_eq!((free.cpus(), free.thread_plan().workers, free.shortage()), (3.0, 3, None));
    }

    #[test]
    fn memory_shrinks_to_a_share_of_the_limit_unless_it_is_said() {
        let mib = |mib: u64| (mib << 20).to_string();
        for (limit, recorder, transit, cache) in
            [(64, 8, 16, 4), (16, 4, 16, 2), (256, 32, 64, 16), (4096, 64, 256, 16)]
        {
            let (_root, container) = container(1, &[("memory.max", &mib(limit)), ("memory.current", "0")]);
            let mut config = Config::default();
            container.shrink(&mut config);
            let found = (config.recorder.memory, config.limits.transit, container.cache());
            assert_eq!(found, (Some(recorder << 20), Some(transit << 20), cache << 20), "{limit} MiB");
            config.recorder.memory = Some(7);
            container.shrink(&mut config);
            assert_eq!(config.recorder.memory, Some(7));
        }
        let (_root, free) = container(1, &[]);
        let mut config = Config::default();
        free.shrink(&mut config);
        assert_eq!((config, free.cache()), (Config::default(), 16 << 20));
    }
}
