//! Tokens and the audit log in.

use dashcam_exchange::Timestamp;

use super::Admin;
use crate::StoreError;
use crate::rows::audit::{self, AuditChange};
use crate::rows::tokens::{self, Token};
use crate::state::WriterState;

impl Admin {
    /// Stores a new token, and gives it a number. `None` if there are too many ([`MOST_TOKENS`](crate::MOST_TOKENS)).
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn put_token(&self, token: Token) -> Result<Option<Token>, StoreError> {
        let work = move |state: &mut WriterState| {
            let id = state.transaction(|connection| tokens::put(connection, &token))?;
            let stored = id.map(|id| Token { id, ..token });
            state.known.tokens.extend(stored.clone());
            Ok(stored)
        };
        self.0.run(work).await
    }

    /// Revokes the token with a digest; `false` if there is none, or it is revoked already.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn revoke_token(&self, sha256: [u8; 32], at: Timestamp) -> Result<bool, StoreError> {
        let work = move |state: &mut WriterState| {
            // In any case: should there come to be a new file, it is not valid there.
            let known = state.known.tokens.iter_mut().filter(|token| token.sha256 == sha256);
            known.for_each(|token| token.revoked_at = token.revoked_at.or(Some(at)));
            state.transaction(|connection| tokens::revoke(connection, sha256, at))
        };
        self.0.run(work).await
    }

    /// Notes that tokens were used, each by its digest.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn note_token_use(&self, used: Vec<([u8; 32], Timestamp)>) -> Result<(), StoreError> {
        let work = move |state: &mut WriterState| {
            state.transaction(|connection| tokens::note_use(connection, &used))
        };
        self.0.run(work).await
    }

    /// Writes the audit log; the numbers of the new entries, in their order.
    ///
    /// # Errors
    /// When the database cannot be written: then none of the changes is made.
    pub async fn write_audit(&self, changes: Vec<AuditChange>) -> Result<Vec<i64>, StoreError> {
        let work =
            move |state: &mut WriterState| state.transaction(|connection| audit::write(connection, &changes));
        self.0.run(work).await
    }

    /// Forgets entries of the audit log that were before a time, and the oldest beyond a number of them, in steps between which
    /// appends have their turn; says how many went.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn cut_audit(&self, before: Option<Timestamp>, most: Option<u64>) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        loop {
            let step = move |state: &mut WriterState| {
                state.transaction(|connection| audit::forget(connection, before, most))
            };
            match self.0.run(step).await? {
                0 => return Ok(forgotten),
                step => forgotten += step as u64,
            }
        }
    }
}
