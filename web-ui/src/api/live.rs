//! Events as they happen: server-sent events.

mod position;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use dashcam_control::Policy;
use dashcam_exchange::{ExchangeId, Live};
use dashcam_filter::{Facts, Parts};
use dashcam_recorder::Event;
use dashcam_views::dto::{Connection, Gap, Message, Summary};
use dashcam_views::search::Search;
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};
use tokio::time::timeout;

use crate::api::Query;
use crate::app::{App, stopped};
use crate::dto::{Left, LiveMessage, Missed, Settings};
use crate::error::{ApiError, ErrorBody};
use crate::filter;
use crate::page::bounds::Bounds;
use crate::read_only::Changes;

/// The most exchanges under way that are remembered as told.
const MOST_SHOWN: usize = 10_000;

/// A connection on which nothing happens is to be seen to live by what stands between.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Watch {
    /// A filter of exchanges, in the language of `docs/FILTERS.md`; other events come all the same.
    filter: Option<String>,
    /// True begins with `position`, from which a watcher that comes again knows what it missed; false by default.
    position: Option<bool>,
}

/// Events: `started`, `responded`, `finished` (Summary), `message` (LiveMessage), `connection` (Connection),
/// `gap` (Gap), `settings` (Settings), `missed` (Missed), `left` (Left: one that came before matches no more), `position`
/// (Position, first, if it was asked for). Each has at most 2 KiB: longer texts and payloads are cut. A watcher that can't keep up gets `missed` with `ended`, and the stream ends.
#[utoipa::path(
    get,
    path = "/live",
    operation_id = "live",
    params(Watch),
    responses(
        (status = OK, content_type = "text/event-stream", body = String),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn live(
    State(app): State<App>,
    Extension(bounds): Extension<Arc<Bounds>>,
    Query(watch): Query<Watch>,
) -> Result<impl IntoResponse, ApiError> {
    let last = app.recorder.last_exchange();
    let filter = filter::read(&app, watch.filter.as_deref()).await?;
    let place = bounds.watchers.take()?;
    let position =
        watch.position.unwrap_or(false).then(|| position::events(last, &app.recorder.not_stored()));
    let policies = app.control.subscribe();
    let watcher = Watcher {
        search: app.search(filter),
        shown: BTreeSet::new(),
        events: app.recorder.watch(),
        policies,
        changes: app.is_read_only().then(|| Changes::of(app.store.reader())),
        stopping: app.stopping.clone(),
        lagged: false,
        app: app.clone(),
        _place: place,
    };
    let events = stream::unfold(watcher, |mut watcher| async move {
        let comment = Bytes::from_static(b":\n\n");
        let event = timeout(KEEP_ALIVE, watcher.next()).await.unwrap_or(Some(comment))?;
        Some((Ok::<_, Infallible>(event), watcher))
    });
    let events = stream::iter(position.into_iter().flatten().map(Ok)).chain(events);
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, Body::from_stream(events)))
}

struct Watcher {
    app: App,
    search: Search,
    /// Exchanges under way that it was told of: it is also told when they match no more.
    shown: BTreeSet<ExchangeId>,
    events: broadcast::Receiver<Arc<Event>>,
    /// The settings that come into force, with what is made of them.
    policies: watch::Receiver<Arc<Policy>>,
    /// Of a recording that another process may write.
    changes: Option<Changes>,
    stopping: watch::Receiver<bool>,
    /// It was too slow, and was told so: that was the last event.
    lagged: bool,
    /// Among those that may watch at once.
    _place: OwnedSemaphorePermit,
}

impl Watcher {
    /// The next event; `None` once dashcam stops, or the watcher could not keep up.
    async fn next(&mut self) -> Option<Bytes> {
        if self.lagged {
            return None;
        }
        loop {
            tokio::select! {
                () = stopped(&mut self.stopping) => return None,
                () = changed(self.changes.as_mut()) => return Some(event("missed", Missed { ended: false })),
                Ok(()) = self.policies.changed() => {
                    let settings = Settings::from(&**self.policies.borrow_and_update().settings());
                    return Some(event("settings", settings));
                }
                received = self.events.recv() => match received {
                    Ok(event) => if let Some(told) = self.tell(&event).await {
                        return Some(told);
                    },
                    Err(RecvError::Lagged(_)) => {
                        self.lagged = true;
                        return Some(event("missed", Missed { ended: true }));
                    }
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }
}

impl Watcher {
    /// The event that the watcher gets for `live`, if any.
    async fn tell(&mut self, live: &Event) -> Option<Bytes> {
        let (row, is_over) = match &**live {
            Live::Started(row) | Live::Responded(row) => (row, false),
            Live::Finished(row) => (row, true),
            Live::Message(_) | Live::Connection(_) | Live::Gap(_) => return Some(live.rendered(told)),
        };
        if self.search.filter.is_all() {
            return Some(live.rendered(told));
        }
        let was_shown = self.shown.remove(&row.id);
        if self.matches(row).await {
            if !is_over && self.shown.len() < MOST_SHOWN {
                self.shown.insert(row.id);
            }
            return Some(live.rendered(told));
        }
        was_shown.then(|| event("left", Left { id: row.id.0 }))
    }

    /// Returns whether an exchange matches as it stands. An event has its row, cut; the rest is where the exchange is.
    async fn matches(&self, row: &dashcam_exchange::Summary) -> bool {
        let filter = &self.search.filter;
        if !row.is_cut && Parts::ROW.contains(filter.needs()) && !filter.needs().contains(Parts::MARKS) {
            return filter.evaluate(&Facts::of_summary(row)).is_true();
        }
        let Ok(exchange) = self.app.exchange(row.id.0).await else { return false };
        self.app.matches(&self.search, &exchange, row.clone()).await.unwrap_or(false)
    }
}

/// Returns once the recording was written by somebody else; never, if it is ours.
async fn changed(changes: Option<&mut Changes>) {
    match changes {
        Some(changes) => changes.next().await,
        None => std::future::pending().await,
    }
}

fn told(live: &Live) -> Bytes {
    match live.clone() {
        Live::Started(summary) => event("started", Summary::from(summary)),
        Live::Responded(summary) => event("responded", Summary::from(summary)),
        Live::Finished(summary) => event("finished", Summary::from(summary)),
        Live::Message(message) => {
            event("message", LiveMessage { exchange: message.exchange.0, message: Message::from(*message) })
        }
        Live::Connection(connection) => event("connection", Connection::from(*connection)),
        Live::Gap(gap) => event("gap", Gap::from(gap)),
    }
}

/// An event as it is sent (WHATWG HTML, server-sent events): JSON has no line's end of its own.
fn event(name: &str, data: impl Serialize) -> Bytes {
    let mut bytes = format!("event: {name}\ndata: ").into_bytes();
    serde_json::to_writer(&mut bytes, &data).expect("the API's shapes serialize");
    bytes.extend_from_slice(b"\n\n");
    bytes.into()
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{
        Certificate, ConnectionId, Destination, Detected, Direction, ExchangeId, Failure, Fingerprint, Level,
        MessageKind, Runtime, Scheme, Side, Stage, State, Timestamp, TlsFacts, TunnelReason, Verdict,
    };

    use super::*;

    fn failure(text: &str) -> Failure {
        Failure::new(Side::Upstream, Stage::TlsHandshake, text.to_owned())
    }

    fn summary(text: &str) -> Live {
        let text = || text.to_owned();
        let summary = dashcam_exchange::Summary {
            id: ExchangeId(i64::MAX),
            connection: Some(ConnectionId(i64::MAX)),
            replay_of: Some(ExchangeId(i64::MAX)),
            started_at: Timestamp(1_800_000_000_000_000),
            level: Level::Metadata,
            state: State::Interrupted,
            method: text(),
            destination: Destination { scheme: Scheme::Https, host: text(), port: 65_535 },
            target: text(),
            status: Some(999),
            content_type: Some(text()),
            request_size: u64::MAX,
            response_size: u64::MAX,
            duration_us: Some(i64::MAX),
            failure: Some(failure(&text())),
            program: Some(text()),
            pinned: false,
            is_cut: false,
        };
        let summary = summary.cut();
        assert!(summary.is_cut && summary.target.ends_with('…'));
        Live::Finished(summary)
    }

    fn connection(text: &str) -> Live {
        let text = || text.to_owned();
        Live::connection(&dashcam_exchange::Connection {
            id: ConnectionId(i64::MAX),
            opened_at: Timestamp(1_800_000_000_000_000),
            closed_at: Some(Timestamp(1_800_000_000_000_000)),
            client: text(),
            program: Some(dashcam_exchange::Program {
                name: text(),
                pid: u32::MAX,
                path: Some(text()),
                command: Some(text()),
                cgroup: Some(text()),
            }),
            mode: text(),
            listener: Some(text()),
            destination: Some(text()),
            detected: Some(Detected::Http1),
            verdict: Some(Verdict::Decrypt),
            tunnel_reason: Some(TunnelReason::UpstreamRejected),
            runtime: Some(Runtime::Chromium),
            tls: Some(TlsFacts {
                version: "TLSv1.3".to_owned(),
                cipher: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256".to_owned(),
                sni: Some(text()),
                alpn: Some(text()),
                certificates: vec![Certificate::named(Fingerprint([255; 32])); 100],
            }),
            failure: Some(failure(&text())),
            bytes_in: u64::MAX,
            bytes_out: u64::MAX,
        })
    }

    fn message(data: Vec<u8>) -> Live {
        Live::message(&dashcam_exchange::Message {
            exchange: ExchangeId(i64::MAX),
            seq: u32::MAX,
            at: Timestamp(1_800_000_000_000_000),
            direction: Direction::Response,
            kind: MessageKind::Text,
            size: u64::MAX,
            coding: None,
            data,
        })
    }

    #[test]
    fn every_event_is_small() {
        for piece in ["a", "\"", "\\", "\u{1}", "ü", "\u{1F980}", "a\u{1}\u{1F980}\""] {
            let long = piece.repeat(100_000);
            for live in [summary(&long), connection(&long), message(long.clone().into_bytes())] {
                let event = told(&live);
                assert!(event.len() <= Live::LARGEST, "{} bytes: {event:?}", event.len());
                assert_eq!(event.iter().filter(|byte| **byte == b'\n').count(), 3, "{event:?}");
            }
        }
    }
}
