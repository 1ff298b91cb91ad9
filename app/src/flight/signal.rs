//! SIGUSR2, which takes a snapshot.

use dashcam_flight::{Answer, Asker, Cause, Flight, Request};
use dashcam_recorder::now;
use tokio::signal::unix::Signal;
use tokio_util::sync::CancellationToken;

/// Takes a snapshot each time that `signal` comes, until `stop`.
pub(super) async fn watch(mut signal: Signal, flight: Flight, stop: CancellationToken) {
    while stop.run_until_cancelled(signal.recv()).await.flatten().is_some() {
        take(&flight);
    }
}

fn take(flight: &Flight) {
    let Some(recorder) = &flight.recorder else {
        tracing::warn!(
            "SIGUSR2 came, and there is no flight recorder: start dashcam with --flight 60s,256MB"
        );
        return;
    };
    let by = Asker { who: "signal".to_owned(), address: None, session: None };
    let request = Request { cause: Cause::Signal, reason: None, by: Some(by), after: None };
    match recorder.ask(request, now()) {
        Answer::Begun(running) => tracing::info!("SIGUSR2 came: the snapshot {} is taken", running.name),
        Answer::Joined(running) => {
            tracing::info!("SIGUSR2 came: the snapshot {} is being taken, and goes on", running.name);
        }
        // Only traffic is held back.
        Answer::Suppressed => {}
    }
}
