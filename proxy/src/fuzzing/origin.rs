//! An origin in memory. It reads requests with the model's parser and ends the run if one is not plain.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::fuzzing::client::PAUSE;
use crate::fuzzing::model;
use crate::fuzzing::model::{By, Message};

/// The requests that came over one connection.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Each with its number among all.
    pub(super) requests: Vec<(usize, Message)>,
    /// Bytes behind them.
    pub(super) rest: Vec<u8>,
}

type AllSeen = Arc<Mutex<Vec<Seen>>>;

/// The origin at the end of all connections to upstreams.
pub(super) struct Origin {
    connected: mpsc::Receiver<DuplexStream>,
    connections: JoinSet<()>,
    seen: AllSeen,
}

impl Origin {
    /// An origin, and what takes connections to it.
    pub(super) fn new() -> (Self, impl FnMut(DuplexStream) + 'static) {
        let (connect, connected) = mpsc::channel(64);
        let origin = Self { connected, connections: JoinSet::new(), seen: AllSeen::default() };
        (origin, move |io| connect.try_send(io).expect("few connections"))
    }

    /// Awaits `talk`, and meanwhile answers requests with `answer(number of the request in all, it)`.
    pub(super) async fn during<T>(
        &mut self,
        talk: impl Future<Output = T>,
        answer: impl Fn(usize, &Message) -> Answer + Clone + Send + 'static,
    ) -> T {
        tokio::pin!(talk);
        loop {
            tokio::select! {
                biased;
                Some(io) = self.connected.recv() => {
                    self.connections.spawn(serve(io, Arc::clone(&self.seen), answer.clone()));
                }
                Some(ended) = self.connections.join_next() => ended.expect("what the origin gets is plain"),
                outcome = &mut talk => return outcome,
            }
        }
    }

    /// The requests of all connections, once these are closed.
    pub(super) async fn end(mut self) -> Vec<Seen> {
        while let Some(ended) = self.connections.join_next().await {
            ended.expect("what the origin gets is plain");
        }
        std::mem::take(&mut self.seen.lock().expect("no panic"))
    }
}

/// The origin's answer to one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) pieces: Vec<Vec<u8>>,
    /// It answers before it has the body.
    pub(super) early: bool,
    /// It closes behind them.
    pub(super) closes: bool,
    /// Bytes behind it are no request, unless they look like one: perhaps nobody took it for a switch.
    pub(super) switches: bool,
}

async fn serve(mut io: DuplexStream, seen: AllSeen, answer: impl Fn(usize, &Message) -> Answer) {
    let number = {
        let mut seen = seen.lock().expect("no panic");
        seen.push(Seen::default());
        seen.len() - 1
    };
    let (mut switched, mut answered) = (false, false);
    let mut buffer = Vec::new();
    loop {
        let raw = switched && !buffer.starts_with(b"GET ");
        let begun = if raw || answered { None } else { head(&buffer) };
        let whole = if raw { None } else { take(&mut buffer) };
        let before = note(&mut seen.lock().expect("no panic"), number, whole.clone(), &buffer);
        let next = begun.map(|head| answer(before, whole.as_ref().unwrap_or(&head)));
        if let Some(Answer { pieces, closes, switches, .. }) =
            next.filter(|next| next.early || whole.is_some())
        {
            (switched, answered) = (switches, true);
            for piece in pieces {
                if io.write_all(&piece).await.is_err() {
                    return;
                }
                sleep(PAUSE).await;
            }
            if closes {
                return;
            }
        }
        if whole.is_some() {
            answered = false;
        } else if matches!(io.read_buf(&mut buffer).await, Ok(0) | Err(_)) {
            return;
        }
    }
}

/// Notes what came over connection `number`, and tells how many requests came before over all of them.
fn note(seen: &mut [Seen], number: usize, request: Option<Message>, rest: &[u8]) -> usize {
    let before = seen.iter().map(|seen| seen.requests.len()).sum();
    seen[number].rest = rest.to_vec();
    seen[number].requests.extend(request.map(|request| (before, request)));
    before
}

/// The head at the front of `buffer`.
fn head(buffer: &[u8]) -> Option<Message> {
    let parsed = model::request_head(buffer);
    parsed.unwrap_or_else(|why| panic!("{why}, in {}", String::from_utf8_lossy(buffer))).map(|(head, _)| head)
}

/// The request at the front of `buffer`.
fn take(buffer: &mut Vec<u8>) -> Option<Message> {
    let text = || String::from_utf8_lossy(buffer).into_owned();
    let parsed = model::request(buffer, By::Proxy).unwrap_or_else(|why| panic!("{why}, in {}", text()));
    let (request, length) = parsed?;
    assert_eq!(request.start[2], b"HTTP/1.1", "{}", text());
    assert_eq!(request.all("host").count(), 1, "{}", text());
    for hop in ["proxy-connection", "keep-alive", "proxy-authorization"] {
        assert_eq!(request.all(hop).count(), 0, "{hop} is not for the origin: {}", text());
    }
    buffer.drain(..length);
    Some(request)
}
