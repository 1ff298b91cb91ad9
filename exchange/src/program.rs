//! The program on this machine that opened a connection.

/// The program on this machine that opened a connection, as its process was when dashcam looked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    /// Its name, as its user would call it: `curl`, `pip`, `python3`.
    pub name: String,
    /// Its process's number.
    pub pid: u32,
    /// Where its executable is.
    pub path: Option<String>,
    /// Its command line, without the values of its arguments unless they were asked for.
    pub command: Option<String>,
    /// Its control group (cgroups(7)): a path that says which container or service it belongs to.
    pub cgroup: Option<String>,
}

/// Runtimes of containers, by the name that stands before a container's id in a control group's path.
const RUNTIMES: [(&str, &str); 5] = [
    ("docker", "docker"),
    ("libpod", "podman"),
    ("cri-containerd", "containerd"),
    ("nerdctl", "containerd"),
    ("crio", "cri-o"),
];
/// Characters of a container's id that its tools show.
const SHORT: usize = 12;

impl Program {
    /// The container or the service of the system that it belongs to: `docker 0123456789ab`, `containerd 0123456789ab
    /// (pod 1b2c…)`, `nginx.service`; `None` where its control group names neither.
    #[must_use]
    pub fn service(&self) -> Option<String> {
        let parts: Vec<&str> = self.cgroup.as_deref()?.split('/').filter(|part| !part.is_empty()).collect();
        let pod = parts.iter().rev().find_map(|part| pod(part));
        if let Some(container) = (0..parts.len()).rev().find_map(|at| container(&parts, at, pod.is_some())) {
            return Some(match pod {
                Some(pod) => format!("{container} (pod {pod})"),
                None => container,
            });
        }
        let unit = |part: &&&str| {
            // The user's own manager has no name that says anything.
            (part.ends_with(".service") && !part.starts_with("user@")) || part.ends_with(".scope")
        };
        parts.iter().rev().find(unit).map(|part| (*part).to_owned())
    }
}

/// The container that the part of a control group's path at `at` names.
fn container(parts: &[&str], at: usize, in_pod: bool) -> Option<String> {
    let part = parts[at].strip_suffix(".scope").unwrap_or(parts[at]);
    let (runtime, id) = match part.rsplit_once('-') {
        Some((runtime, id)) => (runtime, id),
        None => (at.checked_sub(1).map_or("", |before| parts[before]), part),
    };
    let name = RUNTIMES.iter().find(|(prefix, _)| *prefix == runtime).map(|(_, name)| *name);
    if id.len() >= 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let name = name.or(in_pod.then_some("container"))?;
        return Some(format!("{name} {}", &id[..SHORT]));
    }
    let lxc = parts[at].strip_prefix("lxc.payload.").or((runtime == "lxc").then_some(part));
    lxc.map(|name| format!("lxc {name}"))
}

/// The id of the Kubernetes pod that a part of a control group's path names.
fn pod(part: &str) -> Option<String> {
    let part = part.strip_suffix(".slice").unwrap_or(part);
    let id = part.rsplit_once("-pod").map_or_else(|| part.strip_prefix("pod"), |(_, id)| Some(id))?;
    let id = id.replace('_', "-");
    let is_uid = id.len() >= 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_uid.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_from_control_groups() {
        let id = "0123456789ab0123456789abcdef0123456789abcdef0123456789abcdef0123";
        let uid = "1b2c3d4e-0000-4000-8000-123456789abc";
        let low = uid.replace('-', "_");
        for (cgroup, expect) in [
            (format!("/docker/{id}"), "docker 0123456789ab".to_owned()),
            (format!("/system.slice/docker-{id}.scope"), "docker 0123456789ab".to_owned()),
            (
                format!("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{id}.scope/container"),
                "podman 0123456789ab".to_owned(),
            ),
            (
                format!("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{low}.slice/cri-containerd-{id}.scope"),
                format!("containerd 0123456789ab (pod {uid})"),
            ),
            (format!("/kubepods/besteffort/pod{uid}/{id}"), format!("container 0123456789ab (pod {uid})")),
            (format!("/kubepods.slice/kubepods-pod{low}.slice/crio-{id}.scope"), format!("cri-o 0123456789ab (pod {uid})")),
            ("/lxc.payload.web/system.slice".to_owned(), "lxc web".to_owned()),
            ("/lxc/web".to_owned(), "lxc web".to_owned()),
            ("/system.slice/nginx.service".to_owned(), "nginx.service".to_owned()),
            (
                "/user.slice/user-1000.slice/user@1000.service/app.slice/app-org.gnome.Terminal.slice/vte-spawn-1.scope".to_owned(),
                "vte-spawn-1.scope".to_owned(),
            ),
            ("/user.slice/user-1000.slice/user@1000.service/init".to_owned(), String::new()),
            ("/".to_owned(), String::new()),
            ("/docker/short".to_owned(), String::new()),
        ] {
            let program = Program { cgroup: Some(cgroup.clone()), ..Program::default() };
            assert_eq!(program.service().unwrap_or_default(), expect, "{cgroup}");
        }
        assert_eq!(Program::default().service(), None);
    }
}
