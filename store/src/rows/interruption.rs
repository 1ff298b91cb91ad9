//! Exchanges that ended without an end of their own: with the last run, or because there was no room for the rest.

use rusqlite::Connection;

use crate::StoreError;
use crate::rows::expiries;

/// Marks all open exchanges: those of the last run ended with it.
pub(crate) fn interrupt_all(connection: &Connection) -> Result<(), StoreError> {
    expiries::add_open(connection)?;
    connection.execute(&interrupt("state = 'open'"), [])?;
    // Not `exchange IN (SELECT …)`: that would go through all exchanges.
    let stored = "DELETE FROM orphans WHERE EXISTS (SELECT 1 FROM exchange_rows WHERE id = orphans.exchange)";
    connection.execute(stored, [])?;
    connection.execute("UPDATE orphans SET deleted = 1", [])?;
    Ok(())
}

/// The statement that marks the exchanges for which `condition` holds as interrupted. The stored bytes of
/// bodies are counted again, because the counts in an open exchange's row are those of some moment before:
/// what had passed and was not stored yet is missing.
pub(crate) fn interrupt(condition: &str) -> String {
    let bytes = "(SELECT coalesce(sum(length(data)), 0) FROM body_rows WHERE key BETWEEN";
    let request = format!("{bytes} (id << 22) AND (id << 22 | 2097151))");
    let response = format!("{bytes} (id << 22 | 2097152) AND (id << 22 | 4194303))");
    format!(
        "UPDATE exchange_rows SET state = 'interrupted', request_stored = {request}, response_stored = {response}, \
         request_truncated = request_truncated OR (level = 'full' AND request_size > {request}), \
         response_truncated = response_truncated OR (level = 'full' AND response_size > {response}), \
         request_size = max(request_size, {request}), response_size = max(response_size, {response}) \
         WHERE {condition}"
    )
}
