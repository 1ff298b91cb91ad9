//! The thread that answers questions.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvError};
use std::time::{Duration, Instant};

use procfs::process::Stat;
use procfs::{FromRead as _, ticks_per_second};

use crate::allowance::Allowance;
use crate::command::Arguments;
use crate::counts::{Counters, count};
use crate::processes::{Processes, Wanted};
use crate::question::{Question, WAITING};
use crate::sockets::Sockets;

/// Starts it. It ends once nobody can ask any more.
pub(crate) fn start(
    asked: Receiver<Question>,
    counters: Arc<Counters>,
    arguments: Arguments,
) -> io::Result<()> {
    let run = move || {
        let mut finder = Finder { sockets: Sockets::open(), processes: Processes::new(arguments), counters };
        let (mut allowance, mut taken) = (Allowance::full(Instant::now()), time_taken());
        while let Ok(questions) = next(&asked) {
            finder.answer(questions);
            let (before, after) = (taken, time_taken());
            taken = after;
            rest(allowance.rest_after(after.saturating_sub(before), Instant::now()));
        }
    };
    std::thread::Builder::new().name("programs".to_owned()).spawn(run).map(drop)
}

/// Waits for a question, and takes those that wait behind it.
fn next(asked: &Receiver<Question>) -> Result<Vec<Question>, RecvError> {
    let first = asked.recv()?;
    let mut questions = vec![first];
    questions.extend(asked.try_iter().take(WAITING));
    Ok(questions)
}

/// The time that this thread had of a core so far, in the kernel's ticks of mostly 10 ms: on a busy machine much less than
/// the time that has passed.
fn time_taken() -> Duration {
    let ticks = Stat::from_file("/proc/thread-self/stat").map_or(0, |stat| stat.utime + stat.stime);
    Duration::from_millis(ticks * 1000 / ticks_per_second().max(1))
}

fn rest(duration: Duration) {
    let until = Instant::now() + duration;
    // Parking may end early.
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}

struct Finder {
    sockets: Sockets,
    processes: Processes,
    counters: Arc<Counters>,
}

impl Finder {
    fn answer(&mut self, questions: Vec<Question>) {
        let ends: Vec<_> = questions.iter().map(|question| (question.client, question.entrance)).collect();
        let sockets = self.sockets.find(&ends);
        let mut wanted = Wanted::default();
        let mut waiting = HashMap::new();
        for (question, socket) in questions.into_iter().zip(sockets) {
            match socket {
                Some(socket) => {
                    wanted.insert(socket);
                    waiting.insert(socket.inode, question);
                }
                None => count(&self.counters.gone),
            }
        }
        self.processes.find(wanted, |inode, program| {
            if let Some(question) = waiting.remove(&inode) {
                count(&self.counters.found);
                (question.tell)(program);
            }
        });
        waiting.values().for_each(|_| count(&self.counters.hidden));
    }
}
