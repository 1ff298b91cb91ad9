//! The ends of leases by themselves.

use std::time::Duration;

use dashcam_control::Spent;
use tokio::time::{Instant, sleep};

use super::kept::Noted;
use super::{Ended, LeaseInForce};
use crate::changes::now;
use crate::{Author, Changes};

/// How often the time of leases is looked at; while there are none nothing is.
const LOOK: Duration = Duration::from_millis(200);
/// How often what they have used is stored: so much is lost if dashcam is killed.
const NOTE: Duration = Duration::from_secs(2);
/// How long is waited after the store could not be read at the start.
const AGAIN: Duration = Duration::from_secs(1);

impl Changes {
    /// Ends leases when their time, bytes or exchanges are used up, and stores what they use. It does not return.
    ///
    /// It begins with those that the last dashcam left, if they were [not read](Self::restore_leases) before.
    pub async fn mind_leases(&self) {
        while !self.are_leases_restored() {
            if let Err(error) = self.restore_leases().await {
                tracing::debug!(%error, "leases could not be read");
                sleep(AGAIN).await;
            }
        }
        let (mut noted, mut noted_at) = (Noted::default(), Instant::now());
        loop {
            self.end_those_due();
            if noted_at.elapsed() >= NOTE {
                self.note_use(&mut noted);
                noted_at = Instant::now();
            }
            if self.0.control.leases().is_empty() {
                self.0.lease_begun.notified().await;
            } else {
                tokio::select! {
                    () = sleep(LOOK) => {}
                    () = self.0.control.lease_ran_out() => {}
                }
            }
        }
    }

    /// Stores what leases have used, at the end of dashcam.
    pub fn note_leases(&self) {
        self.note_use(&mut Noted::default());
    }

    fn are_leases_restored(&self) -> bool {
        self.order().leases.last_id.is_some()
    }

    fn end_those_due(&self) {
        let due = self.leases().into_iter().filter_map(|lease| Some((lease.lease.id, why_due(&lease)?)));
        for (id, ended) in due {
            // Somebody may have ended it meanwhile.
            if let Ok((_, keeping)) = self.end_lease((Author::named("lease"), None), id, ended) {
                keeping.unattended();
            }
        }
    }
}

/// The reason for which a lease has to end now, if it has to.
fn why_due(LeaseInForce { lease, terms }: &LeaseInForce) -> Option<Ended> {
    if terms.until.is_some_and(|until| until <= now()) {
        return Some(Ended::Time);
    }
    lease.spent().map(|spent| match spent {
        Spent::Exchanges => Ended::Count,
        Spent::Bytes => Ended::Bytes,
    })
}
