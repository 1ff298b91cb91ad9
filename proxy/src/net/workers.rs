//! The threads that carry traffic: one a core, each with a runtime of its own.
//!
//! A connection stays with its worker from the first byte to the last, and so do its connections to upstreams: its
//! state is in one core's caches, and nothing has to be woken across threads. docs/decisions/0003 has figures.

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;

use crate::net::lag::LagProbe;
use crate::net::turns;

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// The worker whose thread this is, from 1 on; 0 for all other threads.
pub(crate) fn current() -> usize {
    NUMBER.get()
}

/// The workers; without any, traffic is carried by the runtime that runs the proxy.
pub(crate) struct Workers {
    workers: Vec<Worker>,
    /// Among those with the same load, they take turns.
    turn: AtomicUsize,
    end: CancellationToken,
}

struct Worker {
    runtime: Handle,
    connections: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

/// A connection's place with a worker, as long as it lasts.
pub(crate) struct Assigned {
    pub(crate) runtime: Handle,
    connections: Arc<AtomicUsize>,
}

impl Workers {
    /// Starts `count` threads; `waiting` more of each may wait for look-ups of names.
    pub(crate) fn start(count: usize, waiting: Option<usize>) -> io::Result<Self> {
        let end = CancellationToken::new();
        let workers =
            (1..=count).map(|number| start((number, waiting), end.clone())).collect::<io::Result<_>>()?;
        Ok(Self { workers, turn: AtomicUsize::new(0), end })
    }

    /// The worker with the fewest connections; `None` if there are no workers.
    pub(crate) fn assign(&self) -> Option<Assigned> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.workers.len().max(1);
        let in_turn = self.workers[turn.min(self.workers.len())..].iter().chain(&self.workers[..turn]);
        let worker = in_turn.min_by_key(|worker| worker.connections.load(Ordering::Relaxed))?;
        worker.connections.fetch_add(1, Ordering::Relaxed);
        Some(Assigned { runtime: worker.runtime.clone(), connections: Arc::clone(&worker.connections) })
    }

    /// Measures how long ready work waits for these threads.
    pub(crate) fn lag_probe(&self) -> LagProbe {
        LagProbe::new(self.workers.iter().map(|worker| worker.runtime.clone()))
    }

    /// Ends the threads; the tasks on them have ended before.
    pub(crate) async fn end(mut self) {
        self.end.cancel();
        let workers = std::mem::take(&mut self.workers);
        let join = move || workers.into_iter().map(|worker| worker.thread.join()).all(|end| end.is_ok());
        let ended = tokio::task::spawn_blocking(join).await;
        if !ended.unwrap_or(false) {
            tracing::error!("a thread that carried traffic ended by a panic");
        }
    }
}

/// Has the thread of `runtime` do `work` when its turn comes; it awaits nothing. Nothing is done once the thread has ended.
pub(crate) fn soon(runtime: &Handle, work: impl FnOnce() + Send + 'static) {
    runtime.spawn(async move { work() });
}

fn start((number, waiting): (usize, Option<usize>), end: CancellationToken) -> io::Result<Worker> {
    let mut builder = Builder::new_current_thread();
    if let Some(waiting) = waiting {
        builder.max_blocking_threads(waiting);
    }
    let runtime = builder.enable_all().build()?;
    let handle = runtime.handle().clone();
    let run = move || {
        NUMBER.set(number);
        runtime.spawn(turns::give());
        runtime.block_on(end.cancelled());
        // A lookup of a name may still block a thread: nobody waits for it any more.
        runtime.shutdown_background();
    };
    let thread = std::thread::Builder::new().name(format!("traffic-{number}")).spawn(run)?;
    Ok(Worker { runtime: handle, connections: Arc::default(), thread })
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.end.cancel();
    }
}

impl Drop for Assigned {
    fn drop(&mut self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }
}
