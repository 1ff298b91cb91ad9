//! Questions about connections, and their way to the thread that answers them.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use dashcam_exchange::Program;

use crate::command::Arguments;
use crate::counts::{Counters, Counts, count};

/// Questions that wait, at most.
pub(crate) const WAITING: usize = 1024;

/// A question about a connection to us.
pub(crate) struct Question {
    /// The client's end of the connection.
    pub(crate) client: SocketAddr,
    /// The other end, as the client's socket has it.
    pub(crate) entrance: SocketAddr,
    /// Takes the answer, if there is one.
    pub(crate) tell: Box<dyn FnOnce(Program) + Send>,
}

/// The way to the thread that finds the programs behind connections. Cheap to clone; the thread ends with the last one.
#[derive(Clone)]
pub struct Programs {
    questions: SyncSender<Question>,
    counters: Arc<Counters>,
}

impl fmt::Debug for Programs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Programs").field("counters", &self.counters).finish_non_exhaustive()
    }
}

impl Programs {
    /// Starts the thread. `None` where programs can't be found: on systems other than Linux.
    ///
    /// # Errors
    /// When the system has no room for a thread.
    pub fn start(arguments: Arguments) -> io::Result<Option<Self>> {
        let (questions, asked) = sync_channel(WAITING);
        let counters = Arc::<Counters>::default();
        let is_started = start(asked, &counters, arguments)?;
        Ok(is_started.then_some(Self { questions, counters }))
    }

    /// Asks for the program that has the end `client` of a connection to `entrance`, if both are on this machine. `tell`
    /// is called on the thread that finds it, or never.
    pub fn ask(&self, client: SocketAddr, entrance: SocketAddr, tell: impl FnOnce(Program) + Send + 'static) {
        if is_here(client, entrance) {
            self.ask_here(client, entrance, tell);
        }
    }

    /// The same for a client that is known to be on this machine. `entrance` may be elsewhere: the address that the client's
    /// own socket is connected to, as before the firewall led the connection to us.
    pub fn ask_here(
        &self,
        client: SocketAddr,
        entrance: SocketAddr,
        tell: impl FnOnce(Program) + Send + 'static,
    ) {
        let question = Question { client, entrance, tell: Box::new(tell) };
        if self.questions.try_send(question).is_err() {
            count(&self.counters.crowded);
        }
    }

    /// The outcomes so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counters.read()
    }
}

/// Returns whether the client is on this machine: it has a loopback address, or the one that it connected to. A
/// socket that is connected to an address of its own machine gets that one, unless its program chose another.
fn is_here(client: SocketAddr, entrance: SocketAddr) -> bool {
    let (client, entrance) = (client.ip().to_canonical(), entrance.ip().to_canonical());
    client.is_loopback() || client == entrance
}

#[cfg(target_os = "linux")]
fn start(
    asked: std::sync::mpsc::Receiver<Question>,
    counters: &Arc<Counters>,
    arguments: Arguments,
) -> io::Result<bool> {
    crate::finder::start(asked, Arc::clone(counters), arguments).map(|()| true)
}

#[cfg(not(target_os = "linux"))]
fn start(_: std::sync::mpsc::Receiver<Question>, _: &Arc<Counters>, _: Arguments) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clients_of_this_machine_are_looked_for() {
        for (client, entrance, expect) in [
            ("127.0.0.1:4000", "127.0.0.1:8080", true),
            ("127.0.0.9:4000", "127.0.0.1:8080", true),
            ("[::1]:4000", "[::1]:8080", true),
            ("[::ffff:127.0.0.1]:4000", "[::ffff:127.0.0.1]:8080", true),
            ("192.0.2.1:4000", "192.0.2.1:8080", true),
            ("[::ffff:192.0.2.1]:4000", "192.0.2.1:8080", true),
            ("192.0.2.2:4000", "192.0.2.1:8080", false),
            ("[2001:db8::1]:4000", "[2001:db8::2]:8080", false),
        ] {
            assert_eq!(is_here(client.parse().unwrap(), entrance.parse().unwrap()), expect, "{client}");
        }
    }
}
