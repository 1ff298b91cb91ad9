//! A client in memory: it sends while it reads, and notes what comes.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, ReadHalf, WriteHalf, split};
use tokio::time::{sleep, timeout};

/// Longer than the service waits for a head or for a next request.
const PATIENCE: Duration = Duration::from_secs(120);
/// Long enough for all that is under way, but shorter than anything that the service waits for.
const SETTLED: Duration = Duration::from_secs(1);
/// Between two pieces: everything that the first one leads to has happened.
pub(super) const PAUSE: Duration = Duration::from_millis(1);

pub(super) struct Client {
    read: ReadHalf<DuplexStream>,
    write: WriteHalf<DuplexStream>,
    /// Everything that came.
    pub(super) seen: Vec<u8>,
    /// Nothing will come any more.
    pub(super) ended: bool,
}

impl Client {
    pub(super) fn new(io: DuplexStream) -> Self {
        let (read, write) = split(io);
        Self { read, write, seen: Vec::new(), ended: false }
    }

    /// Sends `pieces`, then closes its half if it `closes`, and reads to the end: when nothing comes for
    /// long it closes its half in any case.
    pub(super) async fn converse(&mut self, pieces: &[&[u8]], closes: bool) {
        let Self { read, write, seen, ended } = self;
        let send = async {
            for piece in pieces {
                // The service may have closed: then its answer tells why.
                if write.write_all(piece).await.is_err() {
                    break;
                }
                sleep(PAUSE).await;
            }
            if !closes {
                sleep(PATIENCE).await;
            }
            let _ = write.shutdown().await;
        };
        let receive = async {
            while !matches!(read.read_buf(seen).await, Ok(0) | Err(_)) {}
            *ended = true;
        };
        tokio::join!(send, receive);
    }

    /// Sends `bytes`; false if nobody takes them.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.write.write_all(bytes).await.is_ok()
    }

    pub(super) async fn close_half(&mut self) {
        let _ = self.write.shutdown().await;
    }

    /// Reads until `enough`, until the end, or until nothing comes for a while.
    pub(super) async fn read_until(&mut self, enough: impl FnMut(&[u8]) -> bool) {
        self.read(PATIENCE, enough).await;
    }

    /// Reads what is still under way.
    pub(super) async fn settle(&mut self) {
        self.read(SETTLED, |_| false).await;
    }

    async fn read(&mut self, patience: Duration, mut enough: impl FnMut(&[u8]) -> bool) {
        while !self.ended && !enough(&self.seen) {
            match timeout(patience, self.read.read_buf(&mut self.seen)).await {
                Ok(Ok(0) | Err(_)) => self.ended = true,
                Ok(Ok(_)) => {}
                Err(_) => return,
            }
        }
    }
}
