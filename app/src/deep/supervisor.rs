//! Answers the calls that a program and its children wait for.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Once};

use dashcam_syscalls::{Answer, Call, Listener, Notification};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::net::getpeername;
use tokio::runtime::Handle;
use tokio::task::{JoinSet, spawn_blocking};

use super::address;
use super::gateway::{Gateway, NotConnected};
use super::missed::Missed;
use super::peers::Peers;
use super::plan::{Plan, plan};
use super::shown_files::{LONGEST_PATH, ShownFiles};
use super::step::{Asked, PROCEED, Step};
use super::task::{Task, facts};
use crate::open_files;

/// Connections that may be under way at the same time, and the part of the files that may be open which they may take: each
/// has one of ours. Those beyond fail with EAGAIN, so that no other call waits for them.
const AT_ONCE: usize = 16_384;
const PART_OF_FILES: usize = 4;

/// State that all answers share.
pub(super) struct Supervisor {
    gateway: Gateway,
    /// dashcam's own addresses.
    own: Vec<SocketAddr>,
    files: ShownFiles,
    peers: Peers,
    missed: Missed,
    /// Done once the log has said that there are too many connections under way.
    crowded: Once,
}

/// A call, and what is known of who waits for it.
struct Caller<'a> {
    listener: &'a Listener,
    id: u64,
    task: Task,
}

impl Caller<'_> {
    fn waits(&self) -> bool {
        self.listener.awaits(self.id)
    }
}

impl Supervisor {
    pub(super) fn new(gateway: Gateway, own: Vec<SocketAddr>, files: ShownFiles) -> Self {
        let (peers, missed) = (Peers::default(), Missed::default());
        Self { gateway, own, files, peers, missed, crowded: Once::new() }
    }

    pub(super) fn shows_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// The sentence about connections that went past dashcam.
    pub(super) fn missed(&self) -> Option<String> {
        self.missed.sentence()
    }

    /// Answers until no process is left that could ask.
    pub(super) async fn serve(self: &Arc<Self>, listener: Listener) -> io::Result<()> {
        let (own, runtime) = (Arc::clone(self), Handle::current());
        spawn_blocking(move || own.receive(&Arc::new(listener), &runtime)).await?
    }

    /// The same, on a thread that waits.
    fn receive(self: &Arc<Self>, listener: &Arc<Listener>, runtime: &Handle) -> io::Result<()> {
        let most = AT_ONCE.min(open_files::limit() / PART_OF_FILES);
        let mut connecting = JoinSet::new();
        loop {
            let state = state(listener)?;
            if !state.contains(PollFlags::IN) {
                if state.intersects(PollFlags::HUP | PollFlags::ERR) {
                    return Ok(());
                }
                continue;
            }
            let Some(notification) = listener.receive()? else { continue };
            let id = notification.id;
            if !matches!(notification.call, Call::Connect { .. } | Call::SocketCall { .. }) {
                // Programs open many files, and nothing is waited for here.
                if let Step::Answer(answer) = self.begin(listener, notification) {
                    send(listener, id, answer);
                }
                continue;
            }
            while connecting.try_join_next().is_some() {}
            if connecting.len() >= most {
                self.crowded.call_once(|| {
                    tracing::warn!(
                        "the program has {most} connections under way, as many as it may have: more fail"
                    );
                });
                send(listener, id, Answer::Fail(Errno::AGAIN.into()));
                continue;
            }
            connecting.spawn_on(Arc::clone(self).connected(Arc::clone(listener), notification), runtime);
        }
    }

    /// Answers a call that may have to wait for a server.
    async fn connected(self: Arc<Self>, listener: Arc<Listener>, notification: Notification) {
        let id = notification.id;
        let (own, call_of) = (Arc::clone(&self), Arc::clone(&listener));
        // A step takes no longer than our listener takes to accept.
        let begun = spawn_blocking(move || own.begin(&call_of, notification)).await;
        let answer = match begun.unwrap_or(Step::Answer(Answer::Proceed)) {
            Step::Answer(answer) => answer,
            Step::Await(asked) => self.granted(&asked, || listener.awaits(id)).await,
        };
        send(&listener, id, answer);
    }

    /// The first step for a call.
    fn begin(&self, listener: &Listener, notification: Notification) -> Step {
        match Task::open(notification.thread) {
            Ok(task) => self.found(&Caller { listener, id: notification.id, task }, notification.call),
            Err(error) => Step::Answer(self.unreadable(notification.call, &error)),
        }
    }

    /// The answer for a process that may not be looked at, such as one with other rights.
    fn unreadable(&self, call: Call, error: &io::Error) -> Answer {
        if matches!(call, Call::Connect { .. } | Call::SocketCall { .. })
            && error.kind() != io::ErrorKind::NotFound
        {
            self.missed.count(&format!("a process that can't be looked into ({error})"), None);
        }
        Answer::Proceed
    }

    fn found(&self, caller: &Caller<'_>, call: Call) -> Step {
        let answer = match call {
            Call::Connect { socket, address, length } => {
                return self.connect(caller, socket, (address, length)).unwrap_or(PROCEED);
            }
            Call::SocketCall { arguments } => {
                let Ok(words) = caller.task.read::<12>(arguments) else { return PROCEED };
                let word =
                    |at: usize| u32::from_ne_bytes([words[at], words[at + 1], words[at + 2], words[at + 3]]);
                let connecting = self.connect(caller, word(0).cast_signed(), (word(4).into(), word(8)));
                return connecting.unwrap_or(PROCEED);
            }
            Call::PeerName { socket, address, length } => self.peer_name(caller, socket, (address, length)),
            Call::Open { path, flags } => self.open(caller, path, flags),
            Call::OpenHow { path, how } => caller
                .task
                .read::<8>(how)
                .and_then(|flags| self.open(caller, path, u64::from_ne_bytes(flags))),
            Call::Other => Ok(Answer::Proceed),
        };
        // Arguments that can't be read are the kernel's to refuse.
        answer.map_or(PROCEED, Step::Answer)
    }

    fn connect(&self, caller: &Caller<'_>, descriptor: i32, (place, length): (u64, u32)) -> io::Result<Step> {
        let length = address::LONGEST.min(usize::try_from(length).unwrap_or(0));
        let bytes = caller.task.read_some(place, length)?;
        let Some(named) = address::parse(&bytes) else { return Ok(PROCEED) };
        let destination = address::dialled(named);
        let socket = match caller.task.socket(descriptor) {
            Ok(socket) => socket,
            Err(error) => return Ok(Step::Answer(self.without_socket(&error, destination))),
        };
        if !caller.waits() {
            return Ok(PROCEED);
        }
        let socket_facts = facts(&socket)?;
        Ok(match plan(socket_facts, destination, &self.own) {
            // An address of the other family is the kernel's to refuse.
            _ if socket_facts.is_v6 != named.is_ipv6() => PROCEED,
            Plan::Leave => PROCEED,
            Plan::Refuse(error) => Step::Answer(Answer::Fail(error.into())),
            Plan::Capture { waits } => self.capture(Asked { socket, destination, named: bytes }, waits),
        })
    }

    fn capture(&self, asked: Asked, waits: bool) -> Step {
        let destination = asked.destination;
        if matches!(destination, SocketAddr::V6(v6) if v6.scope_id() != 0) {
            self.missed.count("an address of one network interface only", Some(destination));
            return PROCEED;
        }
        match self.gateway.ask(&asked.socket, (destination, waits)) {
            Ok(()) => Step::Await(asked),
            Err(why) => Step::Answer(self.not_connected(why, destination)),
        }
    }

    async fn granted(&self, asked: &Asked, awaited: impl Fn() -> bool) -> Answer {
        match self.gateway.granted(&asked.socket, awaited).await {
            Ok(()) => {
                self.peers.note(&asked.socket, address::own_part(&asked.named));
                Answer::Done
            }
            Err(why) => self.not_connected(why, asked.destination),
        }
    }

    fn not_connected(&self, why: NotConnected, destination: SocketAddr) -> Answer {
        match why {
            NotConnected::Refused(error) => Answer::Fail(error.into()),
            NotConnected::NotCaptured(error) => {
                let why = format!("the socket could not be brought to dashcam ({error})");
                self.missed.count(&why, Some(destination));
                Answer::Proceed
            }
            NotConnected::Abandoned => Answer::Proceed,
        }
    }

    fn without_socket(&self, error: &io::Error, destination: SocketAddr) -> Answer {
        match Errno::from_io_error(error) {
            // It is no descriptor, or its process has ended.
            Some(Errno::BADF | Errno::SRCH) => {}
            Some(Errno::PERM) => self.missed.count(
                "the system does not let dashcam take the program's socket (EPERM of pidfd_getfd: a process with other \
                 rights, or a container's seccomp profile; Docker permits it with --cap-add=SYS_PTRACE)",
                Some(destination),
            ),
            _ => self.missed.count(&format!("the program's socket can't be taken ({error})"), Some(destination)),
        }
        Answer::Proceed
    }

    /// The peer as the program knows it.
    fn peer_name(
        &self,
        caller: &Caller<'_>,
        descriptor: i32,
        (place, length): (u64, u64),
    ) -> io::Result<Answer> {
        let socket = caller.task.socket(descriptor)?;
        let is_ours = getpeername(&socket)?
            .and_then(|peer| SocketAddr::try_from(peer).ok())
            .is_some_and(|peer| self.gateway.is(peer));
        let Some(peer) = is_ours.then(|| self.peers.of(&socket)).flatten() else {
            return Ok(Answer::Proceed);
        };
        let room = u32::from_ne_bytes(caller.task.read::<4>(length)?);
        let written = peer.len().min(usize::try_from(room).unwrap_or(0));
        if caller.waits() {
            caller.task.write(place, &peer[..written])?;
            caller.task.write(length, &u32::try_from(peer.len()).unwrap_or(0).to_ne_bytes())?;
        }
        Ok(Answer::Done)
    }

    fn open(&self, caller: &Caller<'_>, path: u64, flags: u64) -> io::Result<Answer> {
        let flags = OFlags::from_bits_retain(flags as u32);
        let Some(path) = caller.task.read_text(path, LONGEST_PATH)? else { return Ok(Answer::Proceed) };
        Ok(match self.files.shown(&path, flags) {
            Some(file) => Answer::Opened(file, flags.contains(OFlags::CLOEXEC)),
            None => Answer::Proceed,
        })
    }
}

/// Answers a call. Whatever goes wrong here, the program goes on.
fn send(listener: &Listener, id: u64, answer: Answer) {
    if let Err(error) = listener.answer(id, answer) {
        tracing::debug!("a call could not be answered as it should: {error}");
        // One that has no answer would wait for ever.
        if let Err(error) = listener.answer(id, Answer::Proceed) {
            tracing::warn!("a call of the program could not be answered: {error}");
        }
    }
}

/// Waits for the listener: a notification waits, or nobody is left.
fn state(listener: &Listener) -> io::Result<PollFlags> {
    let mut polled = [PollFd::new(listener, PollFlags::IN)];
    match poll(&mut polled, None) {
        Err(Errno::INTR) => Ok(PollFlags::empty()),
        waited => waited.map(|_| polled[0].revents()).map_err(io::Error::from),
    }
}
