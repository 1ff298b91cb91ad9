//! Calls that wait for a disk that hangs get an answer all the same.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::sleep;

use crate::app::App;
use crate::error::{ApiError, Code};

/// How long a call may take before it is looked whether the disk hangs, again and again. A call that is slow for
/// another reason may take as long as it takes.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers 503 where no answer comes and the store does not answer its writer either. What was asked for may still be
/// done when the disk works again.
pub(crate) async fn answer(State(app): State<App>, request: Request, next: Next) -> Response {
    let hangs = async {
        loop {
            sleep(PATIENCE).await;
            if let Some(waited) = app.recorder.health().stalled {
                return waited;
            }
        }
    };
    tokio::select! {
        response = next.run(request) => response,
        waited = hangs => {
            let message = format!(
                "The disk has not answered for {} s. Traffic goes on; a change that you asked for may still come to be.",
                waited.as_secs()
            );
            ApiError::new(Code::Unavailable, message).into_response()
        }
    }
}
