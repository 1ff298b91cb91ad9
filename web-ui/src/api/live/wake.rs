//! Moments at which a stream may have something to send, beside events.

use dashcam_governor::StepChange;
use tokio::sync::watch;

use super::pace::Pace;
use crate::dto::StepInForce;
use crate::read_only::Changes;

/// Returns once it may be time to send what has gathered; never, if nothing has.
pub(super) async fn woken(pace: Option<&Pace>) {
    match pace.filter(|pace| !pace.is_empty()) {
        Some(pace) => pace.woken().await,
        None => std::future::pending().await,
    }
}

/// The next step of the budget; `None` if there are no more.
pub(super) async fn stepped(steps: Option<&mut watch::Receiver<StepChange>>) -> Option<StepInForce> {
    let steps = steps?;
    steps.changed().await.ok()?;
    Some(StepInForce::from(steps.borrow_and_update().clone()))
}

/// Returns once the recording was written by somebody else; never, if it is ours.
pub(super) async fn changed(changes: Option<&mut Changes>) {
    match changes {
        Some(changes) => changes.next().await,
        None => std::future::pending().await,
    }
}
