//! A recording that is only looked at: nothing is changed, and what another process adds to it is noticed.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use dashcam_store::{Reader, Stamp};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::app::App;
use crate::error::{ApiError, Code};
use crate::{guard, paths};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The middleware: refuses what would change something of the recording.
pub(crate) async fn refuse_changes(State(app): State<App>, request: Request, next: Next) -> Response {
    if app.is_read_only() && guard::is_write(request.method()) && !paths::is_of_access(request.uri().path()) {
        return refusal(&app).into_response();
    }
    next.run(request).await
}

/// Why nothing is changed, and where it could be.
pub(crate) fn refusal(app: &App) -> ApiError {
    let path = app.store.path().display();
    let message = format!(
        "{path} is opened to be read only: nothing of it is changed or sent again here. Do it with the dashcam that \
        records to it, or start one with --db and without --read-only."
    );
    ApiError::new(Code::ReadOnly, message)
}

/// Notices that somebody wrote to the recording.
pub(crate) struct Changes {
    reader: Reader,
    seen: Stamp,
    look: Interval,
}

impl Changes {
    pub(crate) fn of(reader: &Reader) -> Self {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { reader: reader.clone(), seen: reader.stamp(), look }
    }

    /// Returns once there is something new.
    pub(crate) async fn next(&mut self) {
        loop {
            self.look.tick().await;
            let stamp = self.reader.stamp();
            if std::mem::replace(&mut self.seen, stamp) != stamp {
                return;
            }
        }
    }
}
