//! Leases in the store: read at the start, and noted as they are used.

use dashcam_control::Lease;
use dashcam_exchange::Timestamp;
use dashcam_store::{LeaseEnd, LeaseUse};

use super::{Ended, LeaseInForce, Terms};
use crate::changes::now;
use crate::history::{Keeping, Row};
use crate::{Author, Changes, NotKept};

/// Leases that are read at the start: more than there can be.
const MOST_READ: u32 = 1000;

impl Changes {
    /// Reads the leases that the last dashcam left: those that are to go on do so with what is left of them, the others
    /// have ended.
    ///
    /// # Errors
    /// When the store can't be read, or can't be written: to be tried again.
    pub async fn restore_leases(&self) -> Result<(), NotKept> {
        let reader = self.0.store.reader();
        let unreadable = |error: dashcam_store::ReadError| NotKept::Unreadable(error);
        let last_id = reader.leases(false, 1).await.map_err(unreadable)?.first().map_or(0, |lease| lease.id);
        let open = reader.leases(true, MOST_READ).await.map_err(unreadable)?;
        // Those that came later stand before the others.
        for stored in open.into_iter().rev() {
            self.restore(stored).await?;
        }
        let mut order = self.order();
        order.leases.last_id = Some(order.leases.last_id.unwrap_or_default().max(last_id));
        Ok(())
    }

    async fn restore(&self, stored: dashcam_store::Lease) -> Result<(), NotKept> {
        let id = stored.id;
        let Some(lease) = legible(&stored) else {
            tracing::warn!("lease {id} has a rule that this dashcam does not know: it has ended");
            let end = LeaseEnd { at: now(), why: Ended::Restart.as_str().to_owned() };
            let ended = self.0.store.admin().end_lease(id, stored.used, end).await;
            return ended.map(drop).map_err(NotKept::Refused);
        };
        let mut order = self.order();
        let is_over = lease.terms.until.is_some_and(|until| until <= now());
        if !is_over && lease.terms.persist {
            match self.0.control.put_lease(lease.lease) {
                Ok(()) => {
                    tracing::info!("lease {id} goes on");
                    order.leases.terms.insert(id, lease.terms);
                }
                Err(error) => tracing::warn!(%error, "lease {id} can't go on"),
            }
        } else {
            let why = if is_over { Ended::Time } else { Ended::Restart };
            self.tell(&order, (Author::named("start"), None), ("ended", &lease, Some(why))).unattended();
        }
        Ok(())
    }

    /// Hands over to the store what leases have used, if that is more than what was handed over before.
    pub(super) fn note_use(&self, noted: &mut Noted) {
        if noted.keeping.as_mut().is_some_and(|keeping| !keeping.is_over()) {
            return;
        }
        let uses: Vec<_> = self.0.control.leases().iter().map(|lease| (lease.id, used(lease))).collect();
        let grown: Vec<_> = uses.iter().filter(|used| !noted.uses.contains(used)).copied().collect();
        if !grown.is_empty() {
            noted.keeping = Some(self.order().history.keep(Row::Use(grown)));
            noted.uses = uses;
        }
    }
}

/// The use of leases that was handed over to the store.
#[derive(Debug, Default)]
pub(super) struct Noted {
    uses: Vec<(i64, LeaseUse)>,
    /// The disk may hang: one note waits at a time.
    keeping: Option<Keeping>,
}

/// A lease that is stored, if its rule can be read.
fn legible(stored: &dashcam_store::Lease) -> Option<LeaseInForce> {
    let lease = Lease {
        id: stored.id,
        rule: serde_json::from_value(stored.rule.clone()).ok()?,
        max_bytes: stored.max_bytes,
        max_exchanges: stored.max_exchanges,
        used_bytes: stored.used.bytes,
        used_exchanges: stored.used.exchanges,
    };
    let author =
        Author { who: stored.who.clone(), address: stored.address.clone(), session: stored.session.clone() };
    let terms = Terms {
        from: stored.from,
        until: stored.until,
        reason: stored.reason.clone(),
        author,
        persist: stored.persist,
    };
    Some(LeaseInForce { lease, terms })
}

fn used(lease: &Lease) -> LeaseUse {
    LeaseUse { bytes: lease.used_bytes, exchanges: lease.used_exchanges }
}

/// A lease as the store has it.
pub(super) fn stored(
    LeaseInForce { lease, terms }: &LeaseInForce,
    ended: Option<(Timestamp, Ended)>,
) -> dashcam_store::Lease {
    dashcam_store::Lease {
        id: lease.id,
        rule: serde_json::to_value(&lease.rule).expect("rules are strings and numbers"),
        from: terms.from,
        until: terms.until,
        max_bytes: lease.max_bytes,
        max_exchanges: lease.max_exchanges,
        reason: terms.reason.clone(),
        who: terms.author.who.clone(),
        address: terms.author.address.clone(),
        session: terms.author.session.clone(),
        persist: terms.persist,
        used: used(lease),
        ended: ended.map(|(at, why)| LeaseEnd { at, why: why.as_str().to_owned() }),
    }
}
