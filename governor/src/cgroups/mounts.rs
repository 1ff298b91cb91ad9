//! The hierarchies of control groups that are mounted, and the place of this process in each
//! (`/proc/self/mountinfo`, `/proc/self/cgroup`).

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::group::{Group, Version};

/// A hierarchy that is mounted.
#[derive(Debug)]
struct Mount {
    version: Version,
    /// The group that is seen at the mount point.
    root: PathBuf,
    point: PathBuf,
    /// The controllers of version 1.
    controllers: Vec<String>,
}

/// The place of this process in a hierarchy.
#[derive(Debug)]
struct Place {
    /// The controllers of version 1; none for version 2.
    controllers: Vec<String>,
    path: PathBuf,
}

/// Everything that is known of them.
#[derive(Debug)]
pub(super) struct Hierarchies {
    mounts: Vec<Mount>,
    places: Vec<Place>,
}

impl Hierarchies {
    /// Reads them below `root`.
    pub(super) fn read(root: &Path) -> Self {
        let read = |name: &str| fs::read_to_string(root.join("proc/self").join(name)).unwrap_or_default();
        let mounts = read("mountinfo").lines().filter_map(|line| mount(line, root)).collect();
        Self { mounts, places: read("cgroup").lines().filter_map(place).collect() }
    }

    /// The groups that have a word about `controller`, from this process's own up to the mount point. Version 1 has
    /// it where both are mounted and it is named there.
    pub(super) fn groups(&self, controller: &str) -> Vec<Group> {
        let has = |names: &[String]| names.iter().any(|name| name == controller);
        let v1 = self.places.iter().find(|place| has(&place.controllers)).and_then(|place| {
            let mount = self.mounts.iter().find(|mount| has(&mount.controllers))?;
            Some((mount, place))
        });
        let v2 = || {
            let place = self.places.iter().find(|place| place.controllers.is_empty())?;
            Some((self.mounts.iter().find(|mount| mount.version == Version::V2)?, place))
        };
        v1.or_else(v2).map(|(mount, place)| upwards(mount, &place.path)).unwrap_or_default()
    }
}

/// The folders of `path` and of the groups above it.
fn upwards(mount: &Mount, path: &Path) -> Vec<Group> {
    // In a container the mount may show less of the hierarchy than the path tells of, or more.
    let below = path.strip_prefix(&mount.root).unwrap_or(Path::new(""));
    let is_plain = below.components().all(|part| matches!(part, Component::Normal(_)));
    let own = if is_plain { mount.point.join(below) } else { mount.point.clone() };
    let folders = own.ancestors().take_while(|folder| folder.starts_with(&mount.point));
    folders.map(|folder| Group { folder: folder.to_owned(), version: mount.version }).collect()
}

/// A line of mountinfo (proc_pid_mountinfo(5)): `ID PARENT DEVICE ROOT POINT OPTIONS … - TYPE SOURCE OPTIONS`.
fn mount(line: &str, below: &Path) -> Option<Mount> {
    let (place, kind) = line.split_once(" - ")?;
    let mut kind = kind.split(' ');
    let version = match kind.next()? {
        "cgroup" => Version::V1,
        "cgroup2" => Version::V2,
        _ => return None,
    };
    let controllers = match version {
        Version::V1 => kind.nth(1)?.split(',').map(str::to_owned).collect(),
        Version::V2 => Vec::new(),
    };
    let mut place = place.split(' ').skip(3);
    let root = PathBuf::from(place.next()?);
    let point = below.join(place.next()?.trim_start_matches('/'));
    Some(Mount { version, root, point, controllers })
}

/// A line of cgroup (cgroups(7)): `ID:CONTROLLERS:PATH`.
fn place(line: &str) -> Option<Place> {
    let mut parts = line.splitn(3, ':').skip(1);
    let names = parts.next()?.split(',').filter(|name| !name.is_empty());
    Some(Place { controllers: names.map(str::to_owned).collect(), path: parts.next()?.into() })
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::*;

    fn check(cgroup: &str, mountinfo: &str, controller: &str, expect: &[&str]) {
        let tree = Tree::new(cgroup, mountinfo);
        let groups = Hierarchies::read(tree.root()).groups(controller);
        let found: Vec<_> =
            groups.iter().map(|group| group.folder.strip_prefix(tree.root()).unwrap().to_owned()).collect();
        assert_eq!(found, expect.iter().map(PathBuf::from).collect::<Vec<_>>(), "{cgroup}");
    }

    const V2: &str = "30 23 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";

    #[test]
    fn groups_lead_up_to_the_mount() {
        check("0::/a/b", V2, "memory", &["sys/fs/cgroup/a/b", "sys/fs/cgroup/a", "sys/fs/cgroup"]);
        check("0::/", V2, "memory", &["sys/fs/cgroup"]);
        check("", V2, "memory", &[]);
        check("0::/a", "", "memory", &[]);
        check("nonsense", "nonsense", "memory", &[]);
    }

    #[test]
    fn a_container_sees_its_own_group_at_the_mount() {
        let bound = "30 23 0:27 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n31 23 0:9 / /tmp rw - tmpfs tmpfs rw";
        check("0::/docker/abc/x", bound, "pids", &["sys/fs/cgroup/x", "sys/fs/cgroup"]);
        // The path as seen from another namespace.
        check("0::/../../system.slice", V2, "pids", &["sys/fs/cgroup"]);
        check("0::/elsewhere", bound, "pids", &["sys/fs/cgroup"]);
    }

    #[test]
    fn each_controller_is_where_it_is() {
        let hybrid = "31 23 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                      32 23 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
                      33 23 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw";
        let places = "4:memory:/box\n3:cpu,cpuacct:/box/in\n0::/u";
        check(places, hybrid, "memory", &["sys/fs/cgroup/memory/box", "sys/fs/cgroup/memory"]);
        let cpu = ["sys/fs/cgroup/cpu,cpuacct/box/in", "sys/fs/cgroup/cpu,cpuacct/box"];
        check(places, hybrid, "cpu", &[cpu[0], cpu[1], "sys/fs/cgroup/cpu,cpuacct"]);
        check(places, hybrid, "pids", &["sys/fs/cgroup/unified/u", "sys/fs/cgroup/unified"]);
    }
}
