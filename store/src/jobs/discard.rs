//! Taking back what went ahead of exchanges that turned out not to be wanted.

use rusqlite::Connection;

use crate::StoreError;
use crate::retention::Holdings;
use crate::rows::arrivals;
use crate::rows::body_key::BITS;
use crate::rows::deletion::{BODIES, Expired, MESSAGES_OF, picked};
use crate::state::batch::Discard;
use crate::state::wiping::overwrite_deleted;

/// Of those without a row, nothing is to be swept later that has gone now.
const NO_ORPHAN: &str = "DELETE FROM orphans WHERE exchange = ? AND deleted = 0";

/// Deletes what is stored of them, within the transaction that the caller has begun. Returns whether bodies are left to be
/// swept. It is not overwritten: nobody asked for that.
pub(super) fn take_back(
    connection: &Connection,
    holdings: &mut Holdings,
    discards: &[Discard],
) -> Result<bool, StoreError> {
    if discards.is_empty() {
        return Ok(false);
    }
    overwrite_deleted(connection, "fast")?;
    let mut marked = false;
    for Discard { exchange, bodies_only } in discards {
        holdings.forget_messages(connection, *exchange)?;
        if *bodies_only {
            let keys = [exchange << BITS, exchange << BITS | ((1 << BITS) - 1)];
            connection.prepare_cached(BODIES)?.execute(keys)?;
            connection.prepare_cached(arrivals::OF)?.execute(keys)?;
            connection.prepare_cached(MESSAGES_OF)?.execute([exchange, exchange])?;
        } else {
            marked |= picked(connection, &[Expired { id: *exchange, large: false }], None)?.1;
            connection.prepare_cached(NO_ORPHAN)?.execute([exchange])?;
        }
    }
    overwrite_deleted(connection, "on")?;
    Ok(marked)
}
