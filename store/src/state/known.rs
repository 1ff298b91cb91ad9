//! Facts that a new file has to be told when the one that is written was deleted or replaced.

use std::time::{SystemTime, UNIX_EPOCH};

use dashcam_exchange::{Gap, GapReason, Timestamp};
use rusqlite::Connection;

use crate::StoreError;
use crate::rows::payload_rows;
use crate::rows::settings;
use crate::rows::tokens::{self, Token};
use crate::state::batch::Batch;

/// Facts that only the old file holds.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// The highest numbers that were used: of an exchange, a connection, a connection to an upstream.
    pub(crate) last: [i64; 3],
    /// The settings' last change.
    pub(crate) settings: Option<settings::SettingsChange>,
    /// The tokens, revoked or not.
    pub(crate) tokens: Vec<Token>,
    /// When something was stored last.
    pub(crate) stored_at: Timestamp,
}

impl Known {
    /// The facts in `connection`'s file.
    pub(crate) fn of(connection: &Connection) -> Result<Self, StoreError> {
        let last = "SELECT last_exchange, last_connection, last_upstream_connection FROM meta";
        let last = connection.query_row(last, [], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
        let (settings, tokens) = (settings::last(connection)?, tokens::all(connection)?);
        Ok(Self { last, settings, tokens, stored_at: now() })
    }

    /// Notes what was stored.
    pub(crate) fn note(&mut self, batch: &Batch) {
        let named = [batch.last_exchange, batch.last_connection, batch.last_upstream_connection];
        for (known, named) in self.last.iter_mut().zip(named) {
            *known = named.max(*known);
        }
        self.stored_at = now();
    }

    /// Tells the new file. Its hole is stored too: what was stored before went with the old file.
    pub(crate) fn tell(&self, connection: &Connection) -> Result<(), StoreError> {
        let meta = "UPDATE meta SET last_exchange = max(last_exchange, ?), last_connection = max(last_connection, ?), \
            last_upstream_connection = max(last_upstream_connection, ?)";
        connection.execute(meta, self.last)?;
        if let Some(row) = &self.settings {
            settings::write(connection, row)?;
        }
        for token in &self.tokens {
            tokens::insert(connection, token)?;
            // An older copy may not know that it was.
            token.revoked_at.map_or(Ok(false), |at| tokens::revoke(connection, token.sha256, at))?;
        }
        let gap = Gap { from: self.stored_at, until: now(), reason: GapReason::DiskError, exchanges: 0 };
        payload_rows::GAPS.insert(connection, &[gap], payload_rows::bind_gap)
    }
}

/// The time of the clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
