//! What happens, as it happens: server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use dashcam_exchange::{Live, TextFilter};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast, watch};

use crate::api::Query;
use crate::app::{App, stopped};
use crate::dto::{Connection, Gap, LiveMessage, Message, Missed, Settings, Summary};
use crate::error::{ApiError, ErrorBody};
use crate::page::bounds::Bounds;
use crate::read_only::Changes;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Watch {
    /// Words, each of which must occur in method, URL, status or content type of an exchange; other events come all the same.
    filter: Option<String>,
}

/// Events: `started`, `responded`, `finished` (Summary), `message` (LiveMessage), `connection` (Connection),
/// `gap` (Gap), `settings` (Settings), `missed` (Missed).
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
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let place = bounds.watchers.take()?;
    let settings = app.control.subscribe();
    let watcher = Watcher {
        filter: TextFilter::new(watch.filter.as_deref().unwrap_or_default()),
        events: app.recorder.watch(),
        settings,
        changes: app.is_read_only().then(|| Changes::of(&app.store)),
        stopping: app.stopping.clone(),
        _place: place,
    };
    let events = stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((Ok(event), watcher))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

struct Watcher {
    filter: TextFilter,
    events: broadcast::Receiver<Live>,
    settings: watch::Receiver<Arc<dashcam_control::Settings>>,
    /// Of a recording that another process may write.
    changes: Option<Changes>,
    stopping: watch::Receiver<bool>,
    /// Among those that may watch at once.
    _place: OwnedSemaphorePermit,
}

impl Watcher {
    /// The next event; `None` once dashcam stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                () = stopped(&mut self.stopping) => return None,
                () = changed(self.changes.as_mut()) => return Some(event("missed", Missed {})),
                Ok(()) = self.settings.changed() => {
                    let settings = Settings::from(&**self.settings.borrow_and_update());
                    return Some(event("settings", settings));
                }
                received = self.events.recv() => match received {
                    Ok(live) if passes(&self.filter, &live) => return Some(told(live)),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return Some(event("missed", Missed {})),
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }
}

/// Returns once the recording was written by somebody else; never, if it is ours.
async fn changed(changes: Option<&mut Changes>) {
    match changes {
        Some(changes) => changes.next().await,
        None => std::future::pending().await,
    }
}

fn passes(filter: &TextFilter, live: &Live) -> bool {
    match live {
        Live::Started(summary) | Live::Responded(summary) | Live::Finished(summary) => {
            filter.matches(summary)
        }
        Live::Message(_) | Live::Connection(_) | Live::Gap(_) => true,
    }
}

fn told(live: Live) -> Event {
    match live {
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

fn event(name: &str, data: impl Serialize) -> Event {
    Event::default().event(name).json_data(data).expect("the API's shapes serialize to one line of JSON")
}
