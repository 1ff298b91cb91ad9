//! Tokens and the audit log out.

use sqlx::AssertSqlSafe;

use crate::StoreError;
use crate::reader::Reader;
use crate::reader::error::ReadError;
use crate::rows::audit::{self, AuditEntry, AuditFilter};
use crate::rows::tokens::{self, Token};

impl Reader {
    /// All tokens that are stored, those that are over as well, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tokens(&self) -> Result<Vec<Token>, ReadError> {
        let rows = sqlx::query(AssertSqlSafe(tokens::list())).fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(tokens::read).collect::<Result<_, StoreError>>()?)
    }

    /// Entries of the audit log, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn audit(&self, filter: &AuditFilter, limit: u32) -> Result<Vec<AuditEntry>, ReadError> {
        let query = sqlx::query(AssertSqlSafe(audit::list()))
            .bind(filter.before.unwrap_or(i64::MAX))
            .bind(filter.since.map_or(i64::MIN, |at| at.0))
            .bind(filter.until.map_or(i64::MAX, |at| at.0))
            .bind(&filter.action)
            .bind(&filter.who)
            .bind(limit);
        let rows = query.fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(audit::read).collect::<Result<_, StoreError>>()?)
    }
}
