//! Makes the rows of a recording agree again. Nothing is made up: what is not there is said not to be.

use rusqlite::Connection;

use super::consistency::{Survey, Unlike, survey};
use crate::StoreError;
use crate::rows::body_key::BITS;
use crate::rows::heads;
use crate::rows::segment::{self, disagreeing, ids_of};

/// Changes of one transaction.
const CHANGES: usize = 1000;

/// Counts the figures again.
const BOOKS: &str = "UPDATE meta SET exchanges = (SELECT count(*) FROM exchange_rows), \
    last_exchange = max(last_exchange, coalesce((SELECT max(id) FROM exchange_rows), 0)), \
    last_connection = max(last_connection, coalesce((SELECT max(id) FROM connections), 0)), \
    last_upstream_connection = max(last_upstream_connection, coalesce((SELECT max(id) FROM upstream_connections), 0)); \
    DELETE FROM arrivals WHERE NOT EXISTS (SELECT 1 FROM exchange_rows WHERE id = key >> 22); \
    DELETE FROM pins WHERE NOT EXISTS (SELECT 1 FROM exchange_rows WHERE id = exchange); \
    DELETE FROM notes WHERE NOT EXISTS (SELECT 1 FROM exchange_rows WHERE id = exchange); \
    DELETE FROM snapshot_exchanges WHERE NOT EXISTS (SELECT 1 FROM exchange_rows WHERE id = exchange) \
        OR NOT EXISTS (SELECT 1 FROM snapshots AS s WHERE s.id = snapshot); \
    INSERT OR IGNORE INTO expiries (keep_until, exchange) \
        SELECT keep_until, id FROM exchange_rows WHERE keep_until IS NOT NULL; \
    UPDATE exchange_rows SET rule = NULL WHERE rule IS NOT NULL \
        AND NOT EXISTS (SELECT 1 FROM rule_names AS r WHERE r.id = rule); \
    INSERT OR IGNORE INTO redaction_sets (id, name) SELECT DISTINCT redaction_set, 'unknown-' || redaction_set \
        FROM exchange_rows WHERE redaction_set IS NOT NULL; \
    UPDATE template_epochs SET state = 'closed' WHERE state = 'open'; \
    INSERT OR IGNORE INTO template_epochs (id, mark, state, first_exchange, last_exchange) \
        SELECT DISTINCT id >> 12, 0, 'closed', 0, 9223372036854775806 FROM head_templates; \
    DELETE FROM orphans WHERE EXISTS (SELECT 1 FROM exchange_rows WHERE id = exchange);";

/// Mends what [`consistency`] finds, and dashcam's figures; says what was done.
pub(super) fn mend(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let Survey { unlike, bodies_alone, messages_alone, unreadable_packs, heads_alone, .. } =
        survey(connection)?;
    let mut done = Vec::new();
    let packs: Vec<i64> = unreadable_packs.into_iter().collect();
    in_steps(connection, &packs, |connection, pack| {
        connection.prepare_cached("DELETE FROM packs WHERE id = ?")?.execute([pack])?;
        Ok(())
    })?;
    say(&mut done, packs.len(), "packs of bodies could not be read, and are deleted");
    in_steps(connection, &heads_alone, |connection, head| heads::mend(connection, *head))?;
    say(
        &mut done,
        heads_alone.len(),
        "heads lack the template that they were stored with, and have no fields now",
    );
    in_steps(connection, &unlike, cut)?;
    let less = unlike.iter().filter(|body| body.whole < body.said).count();
    say(&mut done, less, "bodies end where their first missing piece would be, and are marked as truncated");
    say(&mut done, unlike.len() - less, "bodies are counted again");
    in_steps(connection, &bodies_alone, |connection, id| {
        let keys = [id << BITS, id << BITS | ((1 << BITS) - 1)];
        connection.prepare_cached("DELETE FROM body_rows WHERE key BETWEEN ? AND ?")?.execute(keys)?;
        Ok(())
    })?;
    say(&mut done, bodies_alone.len(), "exchanges were missing: their bodies are deleted");
    in_steps(connection, &messages_alone, |connection, id| {
        connection.prepare_cached("DELETE FROM messages WHERE exchange = ?")?.execute([id])?;
        Ok(())
    })?;
    say(&mut done, messages_alone.len(), "exchanges were missing: their messages are deleted");
    let segments = disagreeing(connection)?;
    in_steps(connection, &segments, |connection, block| {
        segment::forget(connection, [ids_of(*block).0])?;
        connection.prepare_cached("DELETE FROM segment_columns WHERE block = ?")?.execute([block])?;
        Ok(())
    })?;
    say(
        &mut done,
        segments.len(),
        "segments did not say what their exchanges do, and are deleted: they are made again",
    );
    connection.execute_batch(&format!("BEGIN IMMEDIATE; {BOOKS} COMMIT"))?;
    Ok(done)
}

fn say(done: &mut Vec<String>, count: usize, what: &str) {
    if count > 0 {
        done.push(format!("{count} {what}"));
    }
}

fn in_steps<T>(
    connection: &Connection,
    all: &[T],
    change: fn(&Connection, &T) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for step in all.chunks(CHANGES) {
        let transaction = connection.unchecked_transaction()?;
        for one in step {
            change(&transaction, one)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

/// The body ends before its first hole; what lies behind is no part of it any more.
fn cut(connection: &Connection, body: &Unlike) -> Result<(), StoreError> {
    let first = body.exchange << BITS | body.direction << (BITS - 1);
    let last = first | ((1 << (BITS - 1)) - 1);
    let pieces = "DELETE FROM body_rows WHERE key BETWEEN ? AND ?";
    connection.prepare_cached(pieces)?.execute([first + body.pieces, last])?;
    let side = if body.direction == 0 { "request" } else { "response" };
    let update = format!(
        "UPDATE exchange_rows SET {side}_truncated = {side}_truncated OR ?2 < {side}_stored, {side}_stored = ?2 WHERE id = ?1"
    );
    connection.prepare_cached(&update)?.execute([body.exchange, body.whole])?;
    Ok(())
}
