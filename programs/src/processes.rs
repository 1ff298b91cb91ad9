//! Processes, by the sockets that they have.

use std::collections::{HashMap, VecDeque};

use dashcam_exchange::Program;
use procfs::process::{FDTarget, Process};
use procfs::{ProcError, ProcResult};

use crate::command::{self, Arguments};
use crate::sockets::Socket;

/// Processes that connected last are looked into first; so many are remembered.
const RECENT: usize = 16;
/// Bytes that are kept of a text.
const TEXT: usize = 256;

/// Sockets whose processes are looked for.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Owners, by the sockets' numbers.
    sockets: HashMap<u64, u32>,
}

impl Wanted {
    pub(crate) fn insert(&mut self, socket: Socket) {
        self.sockets.insert(socket.inode, socket.uid);
    }

    fn is_of(&self, uid: u32) -> bool {
        self.sockets.values().any(|owner| *owner == uid)
    }
}

/// A process that was seen: its number may be another's later, which has begun at another time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Identity {
    pid: i32,
    /// Clock ticks after the system's start.
    started: u64,
}

/// The processes of this machine.
pub(crate) struct Processes {
    arguments: Arguments,
    /// Those that connected last, the last one first.
    recent: VecDeque<(Identity, Program)>,
}

impl Processes {
    pub(crate) fn new(arguments: Arguments) -> Self {
        Self { arguments, recent: VecDeque::new() }
    }

    /// Tells which programs have the `wanted` sockets: those that connected last first, then the youngest, as those that
    /// end soon are among them. Sockets of processes that can't be looked into are left out.
    pub(crate) fn find(&mut self, mut wanted: Wanted, mut tell: impl FnMut(u64, Program)) {
        let recent: Vec<i32> = self.recent.iter().map(|(identity, _)| identity.pid).collect();
        for pid in recent.iter().copied() {
            if wanted.sockets.is_empty() {
                return;
            }
            self.look(pid, &mut wanted, &mut tell);
        }
        if wanted.sockets.is_empty() {
            return;
        }
        let mut others = pids();
        others.retain(|pid| !recent.contains(pid));
        others.sort_unstable_by(|one, other| other.cmp(one));
        for pid in others {
            if wanted.sockets.is_empty() {
                return;
            }
            self.look(pid, &mut wanted, &mut tell);
        }
    }

    /// Looks into a process; one that has ended, or is not to be looked into, has nothing.
    fn look(&mut self, pid: i32, wanted: &mut Wanted, tell: &mut impl FnMut(u64, Program)) {
        let Ok(process) = Process::new(pid) else { return };
        if process.uid().is_ok_and(|uid| uid != 0 && !wanted.is_of(uid)) {
            return;
        }
        let Ok(found) = sockets_of(&process, wanted) else { return };
        if found.is_empty() {
            return;
        }
        let Ok(program) = self.program(&process) else { return };
        for inode in found {
            wanted.sockets.remove(&inode);
            tell(inode, program.clone());
        }
    }

    /// The program that a process runs, remembered if it runs the same still.
    fn program(&mut self, process: &Process) -> ProcResult<Program> {
        let stat = process.stat()?;
        let identity = Identity { pid: stat.pid, started: stat.starttime };
        let path = process.exe().ok().map(|path| path.to_string_lossy().into_owned());
        let known = self.recent.iter().position(|(known, _)| *known == identity);
        let known = known.and_then(|at| self.recent.remove(at)).map(|(_, program)| program);
        let program = match known.filter(|program| program.path == path) {
            Some(program) => program,
            None => read(process, (stat.comm, path), self.arguments),
        };
        self.recent.truncate(RECENT - 1);
        self.recent.push_front((identity, program.clone()));
        Ok(program)
    }
}

/// The numbers of all processes that can be seen.
fn pids() -> Vec<i32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect()
}

/// Those of the wanted sockets that a process has.
fn sockets_of(process: &Process, wanted: &Wanted) -> Result<Vec<u64>, ProcError> {
    let mut found = Vec::new();
    for descriptor in process.fd()? {
        // It may be closed meanwhile.
        if let Ok(FDTarget::Socket(inode)) = descriptor.map(|descriptor| descriptor.target)
            && wanted.sockets.contains_key(&inode)
        {
            found.push(inode);
        }
        if found.len() == wanted.sockets.len() {
            break;
        }
    }
    Ok(found)
}

fn read(process: &Process, (comm, path): (String, Option<String>), arguments: Arguments) -> Program {
    let line = process.cmdline().unwrap_or_default();
    let command = command::shown(&line, arguments);
    Program {
        name: shortened(command::name(&comm, path.as_deref(), &line)),
        pid: u32::try_from(process.pid()).unwrap_or_default(),
        path: path.map(shortened),
        command: (!command.is_empty()).then(|| shortened(command)),
        cgroup: cgroup(process).map(shortened),
    }
}

/// The control group of the unified hierarchy; of older systems the longest, which names most.
fn cgroup(process: &Process) -> Option<String> {
    let groups = process.cgroups().ok()?;
    let paths = groups.into_iter().map(|group| (group.hierarchy == 0, group.pathname));
    let named = paths.filter(|(_, path)| path != "/");
    named.max_by_key(|(is_unified, path)| (*is_unified, path.len())).map(|(_, path)| path)
}

fn shortened(mut text: String) -> String {
    if text.len() > TEXT {
        text.truncate(text.floor_char_boundary(TEXT));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;
    use crate::sockets::Sockets;

    #[test]
    fn a_process_is_found_by_its_socket() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let clients: Vec<_> = (0..3).map(|_| TcpStream::connect(address).unwrap()).collect();
        let ends: Vec<_> = clients.iter().map(|client| (client.local_addr().unwrap(), address)).collect();
        let sockets: Vec<_> = Sockets::open().find(&ends).into_iter().map(Option::unwrap).collect();
        let mut processes = Processes::new(Arguments::Hidden);
        for _ in 0..2 {
            let mut wanted = Wanted::default();
            sockets.iter().for_each(|socket| wanted.insert(*socket));
            wanted.insert(Socket { inode: u64::MAX, uid: sockets[0].uid });
            let mut found = HashMap::new();
            processes.find(wanted, |inode, program| {
                found.insert(inode, program);
            });
            assert_eq!(found.len(), 3, "the one that nobody has is left out: {found:?}");
            let program = &found[&sockets[0].inode];
            let own = std::env::current_exe().unwrap();
            assert_eq!(program.pid, std::process::id());
            assert_eq!(program.path.as_deref(), Some(shortened(own.to_string_lossy().into_owned()).as_str()));
            assert!(own.to_string_lossy().contains(&program.name), "{program:?}");
            assert_eq!(processes.recent.len(), 1);
        }
    }
}
