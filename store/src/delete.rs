//! Deleting in steps that are short, so that appends get their turn.
//!
//! First the rows of `exchanges` go, and in the same transaction their numbers go to `orphans`; then bodies
//! and messages are swept bit by bit. If dashcam ends half-way, the next start goes on sweeping. So
//! no exchange is ever seen with half of its body.

use tokio::sync::Mutex;

use crate::StoreError;
use crate::writer::Writer;

/// Exchanges that go at once.
const EXCHANGES: i64 = 500;

/// The last of the next exchanges from a number on, if there is one.
const STRETCH: &str = "SELECT max(id) FROM (SELECT id FROM exchanges WHERE id >= ? ORDER BY id LIMIT ?)";

/// One step of sweeping: 256 pieces are 64 MiB at the most.
const SWEEP_BODIES: &str = "DELETE FROM bodies WHERE key IN (SELECT body.key FROM orphans AS orphan \
    CROSS JOIN bodies AS body ON body.key BETWEEN (orphan.exchange << 22) AND (orphan.exchange << 22 | 4194303) \
    WHERE orphan.deleted = 1 LIMIT 256)";
const SWEEP_MESSAGES: &str = "DELETE FROM messages WHERE (exchange, seq) IN (SELECT message.exchange, message.seq \
    FROM orphans AS orphan CROSS JOIN messages AS message ON message.exchange = orphan.exchange \
    WHERE orphan.deleted = 1 LIMIT 1024)";
const SWEPT: &str = "DELETE FROM orphans WHERE deleted = 1";

type SharedWriter = Mutex<Option<Writer>>;

/// Deletes the exchanges `first..=last`; says how many there were.
pub(crate) async fn range(writer: &SharedWriter, first: i64, last: i64) -> Result<u64, StoreError> {
    let deleted = rows(writer, first, last).await?;
    sweep(writer).await?;
    Ok(deleted)
}

/// Deletes all exchanges that there are; says how many there were. The file shrinks.
pub(crate) async fn all(writer: &SharedWriter) -> Result<u64, StoreError> {
    let (mut deleted, mut first) = (0, 0);
    while let Some(last) = stretch(writer, first).await? {
        deleted += range(writer, first, last).await?;
        first = last + 1;
    }
    shrink(writer).await?;
    Ok(deleted)
}

/// Removes bodies and messages of deleted exchanges, those left over by an earlier run among them.
pub(crate) async fn sweep(writer: &SharedWriter) -> Result<(), StoreError> {
    loop {
        let mut guard = writer.lock().await;
        let writer = guard.as_mut().ok_or(StoreError::Closed)?;
        let done = writer
            .transaction(async |connection| {
                let bodies = sqlx::query(SWEEP_BODIES).execute(&mut *connection).await?.rows_affected();
                let messages = sqlx::query(SWEEP_MESSAGES).execute(&mut *connection).await?.rows_affected();
                if bodies + messages > 0 {
                    return Ok(false);
                }
                sqlx::query(SWEPT).execute(connection).await?;
                Ok(true)
            })
            .await?;
        if done {
            return Ok(());
        }
    }
}

async fn stretch(writer: &SharedWriter, first: i64) -> Result<Option<i64>, StoreError> {
    let mut guard = writer.lock().await;
    let writer = guard.as_mut().ok_or(StoreError::Closed)?;
    let last = sqlx::query_scalar(STRETCH).bind(first).bind(EXCHANGES);
    writer.transaction(async |connection| Ok(last.fetch_one(connection).await?)).await
}

async fn rows(writer: &SharedWriter, first: i64, last: i64) -> Result<u64, StoreError> {
    let mut guard = writer.lock().await;
    let writer = guard.as_mut().ok_or(StoreError::Closed)?;
    // Before the transaction: if this future is dropped in the middle of it, rather an exchange that stays
    // interrupted than one that looks whole and is not.
    let forgotten = writer.underway.forget(&(first..=last));
    let deleted = writer
        .transaction(async |connection| {
            let orphans = "INSERT OR REPLACE INTO orphans (exchange, deleted) \
                SELECT id, 1 FROM exchanges WHERE id BETWEEN ? AND ?";
            sqlx::query(orphans).bind(first).bind(last).execute(&mut *connection).await?;
            let rows = sqlx::query("DELETE FROM exchanges WHERE id BETWEEN ? AND ?").bind(first).bind(last);
            let deleted = rows.execute(&mut *connection).await?.rows_affected();
            let count = sqlx::query("UPDATE meta SET exchanges = max(0, exchanges - ?)");
            count.bind(i64::try_from(deleted).unwrap_or(i64::MAX)).execute(connection).await?;
            Ok(deleted)
        })
        .await;
    if deleted.is_err() {
        writer.underway.remember(&forgotten);
    }
    deleted
}

/// Gives free pages back to the file system, a few megabytes at a time.
async fn shrink(writer: &SharedWriter) -> Result<(), StoreError> {
    loop {
        let mut guard = writer.lock().await;
        let writer = guard.as_mut().ok_or(StoreError::Closed)?;
        let left: i64 = writer
            .transaction(async |connection| {
                sqlx::query("PRAGMA incremental_vacuum(512)").execute(&mut *connection).await?;
                Ok(sqlx::query_scalar("PRAGMA freelist_count").fetch_one(connection).await?)
            })
            .await?;
        if left == 0 {
            return Ok(());
        }
    }
}
