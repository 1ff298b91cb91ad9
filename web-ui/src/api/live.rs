//! Events as they happen: server-sent events.

mod matching;
mod pace;
mod position;
mod told;
mod wake;

use std::collections::{BTreeSet, VecDeque};
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
use dashcam_governor::StepChange;
use dashcam_recorder::Event;
use dashcam_views::search::Search;
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};
use tokio::time::{Instant, sleep_until};

use crate::api::Query;
use crate::app::{App, stopped};
use crate::dto::{Left, Missed, Settings, Skipped};
use crate::error::{ApiError, ErrorBody};
use crate::filter;
use crate::page::bounds::Bounds;
use crate::principal::Caller;
use crate::read_only::Changes;
use crate::role::Role;
use pace::{Gathered, Pace};
use position::Positions;
use told::{event, told};
use wake::{changed, stepped, woken};

/// The most exchanges under way that are remembered as told.
const MOST_SHOWN: usize = 10_000;

/// A connection on which nothing happens is to be seen to live by what stands between.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Watch {
    /// A filter of exchanges, in the language of `docs/FILTERS.md`; other events come all the same.
    filter: Option<String>,
    /// True sends `position`, first and now and then, from which a watcher knows what it missed; false by default.
    position: Option<bool>,
    /// Milliseconds from 10 to 10,000: events are gathered, and sent at most so often. An exchange that comes further
    /// meanwhile is told of once, as it is then.
    pace: Option<u64>,
    /// With `pace`: of so many exchanges (100 by default, at most 1,000), the newest, it is told each time; of others that
    /// it does not know, `skipped` tells the number.
    most: Option<usize>,
}

/// Events: `started`, `responded`, `finished` (Summary), `message` (LiveMessage; not for the role `viewer-without-bodies`), `connection` (Connection),
/// `gap` (Gap), `settings` (Settings), `step` (StepInForce), `missed` (Missed), `left` (Left: one that came before matches no more), `discarded`
/// (Left: one that began is not kept by the rules; with a filter only of those that came before), `position`
/// (Position, first and now and then, if it was asked for), `skipped` (Skipped, with a pace). Each has at most 2 KiB: longer texts and payloads are cut. A watcher that can't keep up gets `missed` with `ended`, and the stream ends.
/// One with a pace gets `missed` without, and the stream goes on.
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
    caller: Caller,
    Extension(bounds): Extension<Arc<Bounds>>,
    Query(watch): Query<Watch>,
) -> Result<impl IntoResponse, ApiError> {
    let filter = filter::read(&app, watch.filter.as_deref()).await?;
    let pace = match (watch.pace, watch.most) {
        (Some(_), _) if watch.position == Some(true) => {
            let message =
                "pace and position exclude each other: a position counts every event. Leave one out.";
            return Err(ApiError::bad_request(message));
        }
        (Some(every), most) => Some(Pace::read(every, most, caller.role >= Role::Viewer)?),
        (None, Some(_)) => return Err(ApiError::bad_request("most needs pace, such as pace=250.")),
        (None, None) => None,
    };
    let place = bounds.watchers.take()?;
    let policies = app.control.subscribe();
    // Before the watcher hears events: those of exchanges that end from here on are to come.
    let (positions, first) = match watch.position.unwrap_or(false) {
        true => Positions::begin(&app),
        false => (None, Vec::new()),
    };
    let watcher = Watcher {
        search: app.search(filter),
        shown: BTreeSet::new(),
        ready: first.into(),
        positions,
        events: if pace.is_some() { app.recorder.watch_at_a_pace() } else { app.recorder.watch() },
        pace,
        policies,
        steps: app.governed.as_ref().map(|governed| governed.board.subscribe()),
        changes: app.is_read_only().then(|| Changes::of(app.store.reader())),
        stopping: app.stopping.clone(),
        lagged: false,
        sees_messages: caller.role >= Role::Viewer,
        app: app.clone(),
        _place: place,
    };
    let events = stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((Ok::<_, Infallible>(event), watcher))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, Body::from_stream(events)))
}

struct Watcher {
    app: App,
    search: Search,
    /// Exchanges under way that it was told of: it is also told when they match no more.
    shown: BTreeSet<ExchangeId>,
    /// Events that it gets next.
    ready: VecDeque<Bytes>,
    /// The positions that it gets, if it asked for them.
    positions: Option<Positions>,
    /// Events that wait for the next sending, if it is paced.
    pace: Option<Pace>,
    events: broadcast::Receiver<Arc<Event>>,
    /// The settings that come into force, with what is made of them.
    policies: watch::Receiver<Arc<Policy>>,
    /// The steps of the budget.
    steps: Option<watch::Receiver<StepChange>>,
    /// Of a recording that another process may write.
    changes: Option<Changes>,
    stopping: watch::Receiver<bool>,
    /// It was too slow, and was told so: that was the last event.
    lagged: bool,
    /// False where the watcher's role does not allow contents.
    sees_messages: bool,
    /// Among those that may watch at once.
    _place: OwnedSemaphorePermit,
}

impl Watcher {
    /// The next event, or a comment after a while without one; `None` once dashcam stops, or the watcher could not keep up.
    async fn next(&mut self) -> Option<Bytes> {
        if self.lagged {
            return None;
        }
        let quiet = Instant::now() + KEEP_ALIVE;
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            tokio::select! {
                () = stopped(&mut self.stopping) => return None,
                () = sleep_until(quiet) => return Some(Bytes::from_static(b":\n\n")),
                () = changed(self.changes.as_mut()) => return Some(event("missed", Missed { ended: false })),
                Ok(()) = self.policies.changed() => {
                    let settings = Settings::from(&**self.policies.borrow_and_update().settings());
                    return Some(event("settings", settings));
                }
                Some(step) = stepped(self.steps.as_mut()) => return Some(event("step", step)),
                () = woken(self.pace.as_ref()) => self.hear_gathered().await,
                received = self.events.recv(), if self.pace.as_ref().is_none_or(Pace::is_empty) => match received {
                    Ok(event) => match &mut self.pace {
                        Some(pace) => pace.begin(Some(event)),
                        None => self.hear(&event).await,
                    },
                    Err(RecvError::Lagged(_)) if let Some(pace) = &mut self.pace => pace.begin(None),
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
    /// Makes ready what the watcher gets for `live`.
    async fn hear(&mut self, live: &Event) {
        if let Some(positions) = &mut self.positions {
            self.ready.extend(positions.before_next(&self.app));
        }
        let told = self.tell(live).await;
        self.ready.extend(told);
        if let Some(positions) = &mut self.positions {
            self.ready.extend(positions.after_next(&self.app, &self.events));
        }
    }

    /// Makes ready what has gathered, once it is time.
    async fn hear_gathered(&mut self) {
        let gathered = self.pace.as_mut().and_then(|pace| pace.gather(&mut self.events));
        let Some(gathered) = gathered else { return };
        let mut told = Vec::new();
        if gathered.has_missed {
            self.shown.clear();
            told.extend(event("missed", Missed { ended: false }));
        }
        self.tell_newest(gathered, &mut told).await;
        self.ready.extend((!told.is_empty()).then(|| told.into()));
    }

    /// Tells of exchanges that the watcher knows and of the newest others, counts the rest, and tells all other events.
    async fn tell_newest(&mut self, gathered: Gathered, into: &mut Vec<u8>) {
        let mut places = self.pace.as_ref().map_or(usize::MAX, |pace| pace.most);
        let mut skipped = Skipped { exchanges: 0, newest: 0 };
        let mut newest = Vec::new();
        for (id, event) in gathered.exchanges.into_iter().rev() {
            let is_known = self.shown.contains(&id);
            if is_known || places > 0 {
                // One that has ended meanwhile is told of when it is stored.
                let Some(event) = self.as_it_stands(event) else { continue };
                let told = self.tell(&event).await;
                places -= usize::from(!is_known && told.is_some());
                newest.extend(told);
                if let Some(pace) = &mut self.pace {
                    pace.told(id);
                }
            } else if (self.search.filter.is_all() || self.matches_event(&event).await)
                && let Some(pace) = &mut self.pace
            {
                pace.skip((id, event.is_over()), &mut skipped);
            }
        }
        for bytes in newest.iter().rev() {
            into.extend_from_slice(bytes);
        }
        if skipped.newest > 0 {
            into.extend(event("skipped", skipped));
        }
        for live in gathered.others {
            into.extend(self.tell(&live).await.unwrap_or_default());
        }
    }

    /// The event that the watcher gets for `live`, if any.
    async fn tell(&mut self, live: &Event) -> Option<Bytes> {
        let (row, is_over) = match &**live {
            Live::Started(row) | Live::Responded(row) => (row, false),
            Live::Finished(row) => (row, true),
            Live::Discarded(id) => return self.forgets(*id).then(|| live.rendered(told)),
            Live::GoesOn(_) => return None,
            Live::Message(_) if !self.sees_messages => return None,
            Live::Message(_) | Live::Connection(_) | Live::Gap(_) => return Some(live.rendered(told)),
        };
        // With a pace it matters which ones it knows.
        if self.search.filter.is_all() && self.pace.is_none() {
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

    /// Returns whether the watcher is to be told that an exchange is gone: it was told of it, or that is not remembered.
    fn forgets(&mut self, id: ExchangeId) -> bool {
        let is_full = self.shown.len() >= MOST_SHOWN;
        self.search.filter.is_all() || self.shown.remove(&id) || is_full
    }
}
