//! A program at work, in a folder of its own; ended when dropped.

use std::cell::RefCell;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::usage::{self, Usage};
use xtask::step::exists;

/// Ports for programs: below 32768, from which Linux gives ports to clients.
const FIRST_PORT: u16 = 12_000;
const PORTS: u16 = 20_000;

/// How long a program may take to listen. Python and Squid take seconds.
const START: Duration = Duration::from_secs(20);

/// How long a program may go on working after its load has ended.
const SETTLE: Duration = Duration::from_secs(120);

/// How long a program may take to end.
const END: Duration = Duration::from_secs(20);

/// A running program that listens.
pub(crate) struct Process {
    child: RefCell<Child>,
    /// Where it listens, on 127.0.0.1.
    pub(crate) port: u16,
    /// Where its files are.
    pub(crate) folder: PathBuf,
}

impl Process {
    /// Starts `command` and waits until something listens on `port`. The folder must be there.
    pub(crate) fn start(command: &Command, port: u16, folder: &Path) -> Result<Self> {
        let log = File::create(folder.join("stderr.log"))?;
        let mut command = bound_to_us(command);
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn();
        let child = child.with_context(|| format!("cannot run {command:?}"))?;
        let process = Self { child: RefCell::new(child), port, folder: folder.to_owned() };
        let start = Instant::now();
        while TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).is_err() {
            let ended = process.child.borrow_mut().try_wait()?;
            if ended.is_some() || start.elapsed() > START {
                bail!("{command:?} does not listen: {}", process.last_words());
            }
            pause();
        }
        Ok(process)
    }

    /// The usage of the process and its children.
    pub(crate) fn usage(&self) -> Result<Usage> {
        usage::of_tree(self.child.borrow().id()).with_context(|| self.last_words())
    }

    /// Its usage once its CPU time stands still: what is still to be written belongs to the requests.
    pub(crate) fn settled(&self) -> Result<Usage> {
        let start = Instant::now();
        let mut last = self.usage()?;
        loop {
            (0..6).for_each(|_| pause());
            let now = self.usage()?;
            // Housekeeping may take a tick now and then.
            if now.cpu_us - last.cpu_us == 0 || start.elapsed() > SETTLE {
                return Ok(now);
            }
            last = now;
        }
    }

    /// Ends it, cleanly if it is not too slow, and waits until it has ended.
    pub(crate) fn end(&self) {
        let mut child = self.child.borrow_mut();
        if let Ok(Some(_)) = child.try_wait() {
            return;
        }
        // SIGTERM, so that programs end their children too.
        let _gone = Command::new("kill").arg(child.id().to_string()).stderr(Stdio::null()).status();
        let start = Instant::now();
        while let Ok(None) = child.try_wait() {
            if start.elapsed() > END {
                let _killed = child.kill();
            }
            pause();
        }
    }

    /// The end of what it has written to its log.
    pub(crate) fn last_words(&self) -> String {
        let log = fs::read_to_string(self.folder.join("stderr.log")).unwrap_or_default();
        let from = log.char_indices().rev().nth(600).map_or(0, |(index, _)| index);
        log[from..].trim().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// The same command, told to end when this process does, however it does.
fn bound_to_us(command: &Command) -> Command {
    if !exists("setpriv") {
        let mut plain = Command::new(command.get_program());
        plain.args(command.get_args());
        return plain;
    }
    let mut bound = Command::new("setpriv");
    bound.args(["--pdeathsig", "TERM", "--"]).arg(command.get_program()).args(command.get_args());
    bound
}

/// A port that nobody listens on at the moment. Below those that systems give to clients by themselves: none of a
/// client's connections can take it before its program does.
pub(crate) fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    for _ in 0..PORTS {
        let offset = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id() as u16) % PORTS;
        let port = FIRST_PORT + offset;
        // Free at all addresses: hostile clients, also former ones, have ports at many.
        if TcpListener::bind(("0.0.0.0", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port from {FIRST_PORT} on is free")
}

/// A moment, between two looks at a program.
#[expect(clippy::disallowed_methods, reason = "programs of others are looked at in intervals")]
pub(crate) fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}
