//! Reading. Readers see whole transactions only, and never wait for the writer.

pub(crate) mod access;
pub(crate) mod aggregate;
pub(crate) mod arrivals;
pub(crate) mod backfills;
pub(crate) mod bodies;
mod clients;
pub(crate) mod contents;
pub(crate) mod cost;
pub(crate) mod error;
pub(crate) mod filter;
pub(crate) mod find;
pub(crate) mod gaps;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod messages;
mod moments;
pub(crate) mod recent;
pub(crate) mod scan;
pub(crate) mod seals;
pub(crate) mod sorted;
pub(crate) mod unread;

use std::sync::{Arc, LazyLock};
use std::time::{Instant, SystemTime};

use dashcam_exchange::{
    Connection, ConnectionId, Destination, Exchange, ExchangeId, Fingerprint, LastIds, Message, Summary,
    Timestamp, UpstreamConnection, UpstreamConnectionId,
};
use dashcam_filter::{Filter, Truth};
use futures_util::TryStreamExt as _;
use sqlx::AssertSqlSafe;

use crate::SettingsChange;
use crate::StoreError;
use crate::reader::error::ReadError;
use crate::retention::Kept;
use crate::rows::columns::Columns;
use crate::rows::connection_row::{self, CONNECTION};
use crate::rows::exchange_detail::DETAIL;
use crate::rows::exchange_row;
use crate::rows::exchange_summary::SUMMARY;
use crate::rows::notes::{self, Note};
use crate::rows::payload_rows::{self, MESSAGE};
use crate::rows::presets::{self, Preset};
use crate::rows::recorded::names;
use crate::rows::settings;
use crate::rows::upstream_connection_row::{self, UPSTREAM_CONNECTION};
use crate::shared::Shared;

/// Numbers of pieces of the two bodies: the last piece is found without reading the others. One in a pack is one.
const PARTS: &str = "max((SELECT coalesce((max(key) & 2097151) + 1, 0) FROM bodies \
      WHERE key BETWEEN (id << 22) AND (id << 22 | 2097151)), pack IS NOT NULL AND request_stored > 0), \
    max((SELECT coalesce((max(key) & 2097151) + 1, 0) FROM bodies \
      WHERE key BETWEEN (id << 22 | 2097152) AND (id << 22 | 4194303)), pack IS NOT NULL AND response_stored > 0)";

/// Asks whether an exchange's texts take more than any that dashcam writes: a stranger's file may have a
/// gigabyte in each. Only their lengths are looked at.
static ENORMOUS: LazyLock<String> = LazyLock::new(|| {
    let texts = SUMMARY.iter().chain(DETAIL).filter(|column| column.kind == "TEXT");
    let lengths: Vec<_> = texts.map(|text| format!("coalesce(octet_length({}), 0)", text.name)).collect();
    let lengths = lengths.join(" + ");
    // A template may name a value, or a field of the head as received, again and again.
    let folded = ["request", "response"].map(|side| {
        format!(
            "substr({side}_headers, 1, 1) <> '[' AND octet_length({side}_headers) > 65536 \
            OR substr({side}_sent_headers, 1, 1) <> '[' \
            AND max(octet_length({side}_headers), octet_length({side}_sent_headers)) > 65536"
        )
    });
    let folded = folded.join(" OR ");
    format!("SELECT {lengths} > 536870912 OR coalesce({folded}, false) FROM exchange_rows WHERE id = ?")
});

/// An exchange, and the numbers of pieces of its bodies.
pub(crate) static EXCHANGE: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {}, {PARTS} FROM exchanges WHERE id = ?", *exchange_row::COLUMNS));
/// The messages of an exchange behind one of them.
pub(crate) static MESSAGES: LazyLock<String> = LazyLock::new(|| {
    format!("SELECT {MESSAGE} FROM messages WHERE exchange = ? AND seq > ? ORDER BY seq LIMIT ?")
});

/// The connections before one of them.
pub(crate) fn connections(failed_only: bool) -> String {
    let failed = if failed_only { "failure_side IS NOT NULL AND" } else { "" };
    format!("SELECT {} FROM connections WHERE {failed} id < ? ORDER BY id DESC LIMIT ?", names(CONNECTION))
}

/// A mark that tells a state of a recording's files from others: their sizes, and when they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp([Option<(u64, SystemTime)>; 2]);

/// The face of a recording that is looked at. It sees whole transactions only, and never waits for what is stored. Errors
/// are the same for all, and say whether to try again ([`ReadError`]); what is not there is `None`.
#[derive(Debug, Clone)]
pub struct Reader(pub(crate) Arc<Shared>);

impl Reader {
    /// The highest numbers that were ever used, 0 if none was: new ones go on from there.
    ///
    /// # Errors
    /// When the database cannot be read; so with all that follow.
    pub async fn last_ids(&self) -> Result<LastIds, ReadError> {
        let sql = "SELECT last_exchange, last_connection, last_upstream_connection FROM meta";
        let (exchange, connection, upstream) =
            sqlx::query_as(sql).fetch_one(&*self.0.readers().await?).await?;
        Ok(LastIds {
            exchange: ExchangeId(exchange),
            connection: ConnectionId(connection),
            upstream_connection: UpstreamConnectionId(upstream),
        })
    }

    /// At most `most` exchanges that match `filter`, or may match it if contents decide, from `start` on. It ends early
    /// once `until` has passed, perhaps with none, and goes on at `next` then. When the future is dropped, it stops.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn page(
        &self,
        filter: &Filter,
        start: list::Start,
        (most, until): (usize, Option<Instant>),
    ) -> Result<list::Page, ReadError> {
        Ok(self.matches(filter, start, (most, until)).await?)
    }

    /// Exchanges that surely match `filter` by all but contents of bodies and messages, newest first, those below `before`
    /// if given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(
        &self,
        filter: &Filter,
        before: Option<ExchangeId>,
        limit: u32,
    ) -> Result<Vec<Summary>, ReadError> {
        self.sure(filter, before.map_or(list::Start::NEWEST, list::Start::Before), limit).await
    }

    /// Exchanges that surely match `filter` by all but contents, above `after`, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list_after(
        &self,
        filter: &Filter,
        after: ExchangeId,
        limit: u32,
    ) -> Result<Vec<Summary>, ReadError> {
        self.sure(filter, list::Start::After(after), limit).await
    }

    async fn sure(&self, filter: &Filter, start: list::Start, limit: u32) -> Result<Vec<Summary>, ReadError> {
        let page = self.page(filter, start, (limit as usize, None)).await?;
        let sure = page.rows.into_iter().filter(|row| row.truth == Truth::True);
        Ok(sure.map(|row| row.summary).collect())
    }

    /// One exchange. The bytes of its bodies are read apart; `parts` says in how many pieces they are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn exchange(&self, id: ExchangeId) -> Result<Option<Exchange>, ReadError> {
        let readers = self.0.readers().await?;
        let enormous: Option<bool> =
            sqlx::query_scalar(AssertSqlSafe(ENORMOUS.as_str())).bind(id.0).fetch_optional(&*readers).await?;
        if enormous == Some(true) {
            let what = format!("the heads of exchange {id} are larger than any that dashcam writes");
            return Err(StoreError::Damaged(what).into());
        }
        drop(readers);
        let sql = AssertSqlSafe(EXCHANGE.as_str());
        let row = sqlx::query(sql).bind(id.0).fetch_optional(&*self.0.readers().await?).await?;
        Ok(row.as_ref().map(exchange_row::exchange).transpose()?)
    }

    /// The exchanges before `before` whose responses said that later ones of the same `origin` may be compressed with them
    /// (`Use-As-Dictionary`, RFC 9842), newest first. Only the last 20,000 are looked at.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn dictionaries(
        &self,
        before: ExchangeId,
        origin: &Destination,
        limit: u32,
    ) -> Result<Vec<ExchangeId>, ReadError> {
        let sql = "SELECT id FROM (SELECT id, scheme, host, port, response_headers FROM exchange_rows \
            WHERE id < ? ORDER BY id DESC LIMIT 20000) \
            WHERE host = ? AND port = ? AND scheme = ? AND (response_headers LIKE '%\"use-as-dictionary\"%' \
            OR EXISTS (SELECT 1 FROM head_templates AS t \
            WHERE t.id = CAST(response_headers AS INTEGER) AND t.fields LIKE '%\"use-as-dictionary\"%')) LIMIT ?";
        let query = sqlx::query_scalar(sql).bind(before.0).bind(&origin.host).bind(origin.port);
        let query = query.bind(origin.scheme.as_str()).bind(limit);
        let ids: Vec<i64> = query.fetch_all(&*self.0.readers().await?).await?;
        Ok(ids.into_iter().map(ExchangeId).collect())
    }

    /// Messages of an exchange in the order they passed, those after the number `after` if given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn messages(
        &self,
        id: ExchangeId,
        after: Option<u32>,
        limit: u32,
    ) -> Result<Vec<Message>, ReadError> {
        let query = sqlx::query(AssertSqlSafe(MESSAGES.as_str()));
        let query = query.bind(id.0).bind(after.map_or(-1, i64::from)).bind(limit);
        let rows = query.fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(payload_rows::read_message).collect::<Result<_, StoreError>>()?)
    }

    /// How many messages of an exchange are stored.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn message_count(&self, id: ExchangeId) -> Result<u64, ReadError> {
        let count = sqlx::query_scalar("SELECT count(*) FROM messages WHERE exchange = ?").bind(id.0);
        Ok(count.fetch_one(&*self.0.readers().await?).await?)
    }

    /// Connections, newest first, those below `before` if given; with `failed_only`, those that failed. Their texts are
    /// shortened.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn connections(
        &self,
        failed_only: bool,
        before: Option<ConnectionId>,
        limit: u32,
    ) -> Result<Vec<Connection>, ReadError> {
        let query = sqlx::query(AssertSqlSafe(connections(failed_only)))
            .bind(before.map_or(i64::MAX, |id| id.0))
            .bind(limit);
        let readers = self.0.readers().await?;
        let (mut rows, mut found) = (query.fetch(&*readers), Vec::new());
        while let Some(row) = rows.try_next().await? {
            let mut connection = connection_row::read(&mut Columns::of(&row))?;
            connection.shorten();
            found.push(connection);
        }
        Ok(found)
    }

    /// One connection.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn connection(&self, id: ConnectionId) -> Result<Option<Connection>, ReadError> {
        let sql = format!("SELECT {} FROM connections WHERE id = ?", names(CONNECTION));
        let row =
            sqlx::query(AssertSqlSafe(sql)).bind(id.0).fetch_optional(&*self.0.readers().await?).await?;
        Ok(row.as_ref().map(|row| connection_row::read(&mut Columns::of(row))).transpose()?)
    }

    /// One connection to an upstream.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn upstream_connection(
        &self,
        id: UpstreamConnectionId,
    ) -> Result<Option<UpstreamConnection>, ReadError> {
        let columns = names(UPSTREAM_CONNECTION);
        let sql = format!("SELECT {columns} FROM upstream_connections WHERE id = ?");
        let row =
            sqlx::query(AssertSqlSafe(sql)).bind(id.0).fetch_optional(&*self.0.readers().await?).await?;
        Ok(row.as_ref().map(|row| upstream_connection_row::read(&mut Columns::of(row))).transpose()?)
    }

    /// The DER of a certificate.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn certificate(&self, sha256: Fingerprint) -> Result<Option<Vec<u8>>, ReadError> {
        let der =
            sqlx::query_scalar("SELECT der FROM certificates WHERE sha256 = ?").bind(sha256.to_string());
        Ok(der.fetch_optional(&*self.0.readers().await?).await?)
    }

    /// The settings after the last change; `None` if none was ever kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn settings(&self) -> Result<Option<serde_json::Value>, ReadError> {
        Ok(self.settings_history(1).await?.pop().map(|change| change.to))
    }

    /// All filters that are kept under a name, by their names.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn presets(&self) -> Result<Vec<Preset>, ReadError> {
        let rows = sqlx::query(presets::ALL).fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(presets::read).collect::<Result<_, StoreError>>()?)
    }

    /// Changes of the settings, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn settings_history(&self, limit: u32) -> Result<Vec<SettingsChange>, ReadError> {
        let sql = format!("SELECT {} FROM settings_history ORDER BY id DESC LIMIT ?", settings::COLUMNS);
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(limit).fetch_all(&*self.0.readers().await?).await?;
        Ok(rows.iter().map(settings::read).collect::<Result<_, StoreError>>()?)
    }

    /// How many exchanges are stored. Kept by the writer: counting would read the whole table.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count(&self) -> Result<u64, ReadError> {
        let count =
            sqlx::query_scalar("SELECT exchanges FROM meta").fetch_one(&*self.0.readers().await?).await?;
        Ok(count)
    }

    /// When the files were written last: it changes with each transaction of whoever writes.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let written = |path: &std::path::Path| {
            let file = std::fs::metadata(path).ok()?;
            Some((file.len(), file.modified().ok()?))
        };
        let mut wal = self.0.path.as_os_str().to_owned();
        wal.push("-wal");
        Stamp([written(&self.0.path), written(wal.as_ref())])
    }

    /// Bytes of the database and its write-ahead log; none if they are gone.
    ///
    /// # Errors
    /// When the system refuses to tell.
    pub async fn size(&self) -> Result<u64, ReadError> {
        let mut wal = self.0.path.as_os_str().to_owned();
        wal.push("-wal");
        let bytes = |path: &std::path::Path| std::fs::metadata(path).map(|file| file.len());
        let database = match bytes(&self.0.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::Disk(error.into()).into());
            }
            size => size.unwrap_or(0),
        };
        Ok(database + bytes(wal.as_ref()).unwrap_or(0))
    }

    /// Returns whether an exchange is pinned.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_pinned(&self, id: ExchangeId) -> Result<bool, ReadError> {
        let pinned = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pins WHERE exchange = ?)").bind(id.0);
        Ok(pinned.fetch_one(&*self.0.readers().await?).await?)
    }

    /// The note of an exchange; empty if there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn note(&self, id: ExchangeId) -> Result<Note, ReadError> {
        let found: Option<(String, String)> =
            sqlx::query_as(notes::READ).bind(id.0).fetch_optional(&*self.0.readers().await?).await?;
        Ok(found.map_or_else(|| Ok(Note::default()), |(comment, tags)| notes::note(comment, &tags))?)
    }

    /// How the bounds of the recording are kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn kept(&self) -> Result<Kept, ReadError> {
        let standing = &self.0.standing;
        let sql = "SELECT (SELECT page_count FROM pragma_page_count), (SELECT freelist_count FROM pragma_freelist_count), \
            (SELECT page_size FROM pragma_page_size), (SELECT count(*) FROM pins), \
            (SELECT started_at FROM exchange_rows ORDER BY id LIMIT 1)";
        let row: (i64, i64, i64, i64, Option<i64>) =
            sqlx::query_as(sql).fetch_one(&*self.0.readers().await?).await?;
        let (pages, free, page, pinned, oldest) = row;
        Ok(Kept {
            bounds: standing.bounds(),
            used: u64::try_from(pages.saturating_sub(free).saturating_mul(page)).unwrap_or(0),
            deleted: standing.deleted(),
            pinned: u64::try_from(pinned).unwrap_or(0),
            oldest: oldest.map(Timestamp),
            crowded: standing.is_crowded(),
        })
    }
}
