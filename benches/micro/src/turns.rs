//! Eight clients of a JSON API that take turns, recorded and stored: ten fields each way and 1 KiB, which differ from
//! client to client.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dashcam_control::CaptureDecision;
use dashcam_exchange::{
    self as exchange, ConnectionId, Direction, Exchange, ExchangeId, Headers, LastIds, Level, Record,
    RequestHead, ResponseHead, Upstream,
};
use dashcam_recorder::{Begin, Limits, Recorder, Refusal, recorder};
use dashcam_store::{Store, StoreError};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::{sample, store};

const CLIENTS: usize = 8;
/// So many exchanges, and then the writer has its turn: as many records as it takes at once.
const TOGETHER: u32 = 1024;

/// One client's exchange, which is the same in each of its turns.
struct Client {
    request: RequestHead,
    sent: RequestHead,
    response: ResponseHead,
    body: Vec<u8>,
}

/// Recorder, writer and store: from an exchange's beginning to its row.
pub(crate) fn record_and_store(times: u32) -> Result<()> {
    with_store(times, async |store| {
        let (recorder, writer) = recorder(Limits::default(), LastIds::default());
        let appender = store.clone();
        let append = move |records| {
            let store = appender.clone();
            async move { store.sink().append(records).await }
        };
        let refusal = |error: &StoreError| Refusal { reason: error.gap_reason(), kept: error.keeps_batch() };
        let mut writing = JoinSet::new();
        writing.spawn(writer.run(append, refusal));
        let clients: Vec<Client> = (0..CLIENTS).map(Client::new).collect();
        for (number, client) in (1..=times).zip(clients.iter().cycle()) {
            client.record(&recorder)?;
            if number.is_multiple_of(TOGETHER) {
                // SQLite has a thread of its own.
                while recorder.ledger().pending > 0 {
                    sleep(Duration::from_millis(1)).await;
                }
            }
        }
        recorder.close();
        writing.join_next().await.context("no writer")??;
        Ok(())
    })
}

/// The store by itself: from whole exchanges to their rows.
pub(crate) fn store_only(times: u32) -> Result<()> {
    with_store(times, async |store| {
        let clients: Vec<Exchange> = (0..CLIENTS).map(|number| Client::new(number).finished()).collect();
        let mut exchanges = (1..=times).zip(clients.iter().cycle());
        for _ in 0..times / TOGETHER {
            let batch = exchanges.by_ref().take(TOGETHER as usize).map(|(id, exchange)| {
                Record::Finished(Arc::new(Exchange { id: ExchangeId(id.into()), ..exchange.clone() }))
            });
            store.sink().append(batch.collect()).await?;
        }
        Ok(())
    })
}

/// Does `work` with a new store, which has to have `times` exchanges then.
fn with_store(times: u32, work: impl AsyncFnOnce(&Store) -> Result<()>) -> Result<()> {
    ensure!(times.is_multiple_of(TOGETHER), "{times} exchanges make no whole batches");
    let home = tempfile::tempdir()?;
    // A clock that moves when our thread has nothing to do would run ahead of SQLite's thread.
    Builder::new_current_thread().enable_time().build()?.block_on(async {
        let store = Store::open(&home.path().join("dashcam.db")).await?;
        work(&store).await?;
        let stored = store.reader().count().await?;
        ensure!(stored == u64::from(times), "{stored} exchanges are stored");
        store.close().await;
        Ok(())
    })
}

impl Client {
    fn new(number: usize) -> Self {
        let (request, response) = (sample::request(), sample::response());
        let request = RequestHead {
            target: format!("/api/v1/accounts/{number}/items?expand=owner"),
            headers: own(&request.headers, number),
            ..request
        };
        let mut sent = request.clone();
        sent.headers.push("X-Forwarded-For", "127.0.0.1");
        sent.headers.push("X-Forwarded-Proto", "https");
        let response = ResponseHead { headers: own(&response.headers, number), ..response };
        let mut body = sample::BODY.to_vec();
        let digits = body.iter_mut().filter(|byte| byte.is_ascii_digit());
        for (place, digit) in digits.enumerate() {
            *digit = b'0' + ((place + 1) * (number + 3) * 7919 / 13 % 10) as u8;
        }
        Self { request, sent, response, body }
    }

    /// Hands it over, in the order in which traffic does.
    fn record(&self, recorder: &Recorder) -> Result<()> {
        let begin = Begin {
            connection: Some(ConnectionId(1)),
            client: None,
            replay_of: None,
            decision: CaptureDecision::certain(Level::Full, 1 << 20),
            destination: sample::destination(),
            request: self.request.clone(),
        };
        let open = recorder.begin(begin).context("no room")?;
        open.tap(Direction::Request).end(None);
        open.upstream(upstream());
        open.request_sent(&self.sent);
        open.response(self.response.clone());
        open.response_sent(&self.response);
        let mut tap = open.tap(Direction::Response);
        tap.data(&self.body);
        tap.end(None);
        Ok(())
    }

    /// As the recorder leaves it.
    fn finished(&self) -> Exchange {
        Exchange {
            request: self.request.clone(),
            response: Some(self.response.clone()),
            response_body: exchange::sample::body(&self.body),
            upstream: Some(upstream()),
            ..store::finished()
        }
    }
}

fn upstream() -> Upstream {
    Upstream {
        address: "192.0.2.7:443".to_owned(),
        reused: true,
        tls_version: Some("TLSv1.3".to_owned()),
        connection: None,
    }
}

/// The same fields, with values of its own where clients and responses have them.
fn own(headers: &Headers, number: usize) -> Headers {
    let mut own = Headers::default();
    for (name, value) in headers.iter() {
        let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
        let value = match name.as_ref() {
            "Authorization" => format!("Bearer {:032x}", (number + 1) * 0x5851_f42d_4c95),
            "Cookie" => format!("session={:016x}; theme=dark", (number + 1) * 0x1405_7b7e),
            "X-Request-Id" => format!("0190f0a2-7c1e-7b42-9d55-{:012x}", (number + 1) * 104_729),
            "ETag" => format!("\"{:016x}\"", (number + 1) * 15_485_863),
            _ => value.into_owned(),
        };
        own.push(name.as_bytes(), value.as_bytes());
    }
    own
}
