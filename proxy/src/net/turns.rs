//! Long work takes turns.
//!
//! A step of a TLS handshake takes a worker far longer than a request on an open connection, and so does a piece of a
//! large body. When hundreds of clients connect at once, or do not read what they asked for, all that is ready
//! would wait for all of them. So a worker does one such piece of work, then whatever else is ready, then the next.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::task::{coop, yield_now};

use crate::net::admission::account::Account;

/// How many handshakes of one client may wait for their turn at once: one for each worker. The others wait for these, so
/// that clients take turns, however many handshakes each has to do.
pub(crate) fn of_client() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Work that is waited for.
#[derive(Clone, Copy)]
enum Work {
    /// A step of a handshake. Few wait at once, and nobody has much of this work.
    Handshake,
    /// The next pieces of a body.
    Body,
}

/// Those who wait on a worker for a turn at each work, first come, first served.
#[derive(Default)]
struct ReadTimeout {
    tasks: [VecDeque<Waker>; 2],
    /// The task that gives the turns, while nobody waits.
    giver: Option<Waker>,
}

thread_local! {
    /// `None`: nobody gives turns on this thread.
    static WAITING: RefCell<Option<ReadTimeout>> = const { RefCell::new(None) };
}

/// Gives turns on this worker as long as it runs.
pub(crate) async fn give() {
    WAITING.set(Some(ReadTimeout::default()));
    loop {
        poll_fn(next).await.into_iter().flatten().for_each(Waker::wake);
        // Whoever is ready, or has something to read, comes before the next.
        yield_now().await;
    }
}

/// The next one of each work, once there is any.
fn next(cx: &mut Context<'_>) -> Poll<[Option<Waker>; 2]> {
    WAITING.with_borrow_mut(|waiting| {
        let waiting = waiting.get_or_insert_default();
        if waiting.tasks.iter().all(VecDeque::is_empty) {
            waiting.giver = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(waiting.tasks.each_mut().map(VecDeque::pop_front))
    })
}

/// Lets the task of `cx` wait for its turn at `work`; false if there are none here.
fn wait(work: Work, cx: &Context<'_>) -> bool {
    let (waits, giver) = WAITING.with_borrow_mut(|waiting| match waiting {
        Some(waiting) => {
            waiting.tasks[work as usize].push_back(cx.waker().clone());
            (true, waiting.giver.take())
        }
        None => (false, None),
    });
    if let Some(giver) = giver {
        giver.wake();
    }
    waits
}

/// Ready if the task of `cx` may go on, as it may as long as tokio lets it; if not, it is woken for its next turn.
pub(crate) fn poll_go_on(cx: &Context<'_>) -> Poll<()> {
    if !coop::has_budget_remaining() && wait(Work::Body, cx) { Poll::Pending } else { Poll::Ready(()) }
}

/// Polls `handshake` of a client to its end, each time in its turn.
pub(crate) async fn take<F: Future>(account: Option<&Arc<Account>>, handshake: F) -> F::Output {
    let mut handshake = pin!(handshake);
    loop {
        let own = match account {
            Some(account) => Some(account.handshakes.acquire().await),
            None => None,
        };
        woken_after(|cx| wait(Work::Handshake, cx)).await;
        let step = poll_fn(|cx| Poll::Ready(handshake.as_mut().poll(cx))).await;
        drop(own);
        match step {
            Poll::Ready(output) => return output,
            Poll::Pending => woken_after(|_| true).await,
        }
    }
}

/// Waits until this task is woken, if `ask` says that it will be.
async fn woken_after(ask: impl Fn(&Context<'_>) -> bool) {
    let mut asked = false;
    poll_fn(|cx| {
        let waits = !std::mem::replace(&mut asked, true) && ask(cx);
        if waits { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use tokio::task::{LocalSet, spawn_local};

    use super::*;

    /// Counts its polls, and is ready after so many.
    async fn steps(count: usize, done: Rc<Cell<usize>>) {
        for _ in 0..count {
            done.set(done.get() + 1);
            let mut polled = false;
            poll_fn(|cx| {
                cx.waker().wake_by_ref();
                if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
    }

    #[tokio::test]
    async fn between_two_turns_others_run() {
        let local = LocalSet::new();
        let running = local.run_until(async {
            let giver = spawn_local(give());
            yield_now().await;
            let done = Rc::new(Cell::new(0));
            let handshakes: Vec<_> =
                (0..50).map(|_| spawn_local(take(None, steps(4, Rc::clone(&done))))).collect();
            let mut before = 0;
            while done.get() < 200 {
                assert!(done.get() <= before + 2, "{} after {before}", done.get());
                before = done.get();
                yield_now().await;
            }
            for handshake in handshakes {
                handshake.await.unwrap();
            }
            giver.abort();
        });
        running.await;
    }

    #[tokio::test]
    async fn where_nobody_gives_turns_nobody_waits() {
        take(None, async { yield_now().await }).await;
        assert!(!poll_fn(|cx| Poll::Ready(wait(Work::Body, cx))).await);
    }
}
