//! Values that were seen of late, for completion.

use sqlx::AssertSqlSafe;

use crate::reader::Reader;
use crate::reader::error::ReadError;

/// The newest exchanges that are looked at.
const LOOKED_AT: u32 = 10_000;
/// The same where the heads have to be read.
const HEADS: u32 = 300;

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recent {
    /// Hosts of destinations.
    Hosts,
    /// Paths, without queries.
    Paths,
    /// Content types of responses, without parameters.
    Types,
    /// Methods.
    Methods,
    /// Statuses.
    Statuses,
    /// Names of headers of both messages, lower case.
    HeaderNames,
    /// Addresses of clients, without ports.
    Clients,
}

impl Reader {
    /// At most `limit` values that begin with `prefix` (whatever its case), those first that the newest exchanges have most
    /// often.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn recent(&self, kind: Recent, prefix: &str, limit: u32) -> Result<Vec<String>, ReadError> {
        let (value, rows) = match kind {
            Recent::Hosts => ("host", LOOKED_AT),
            Recent::Paths => (
                "CASE WHEN instr(target, '?') THEN substr(target, 1, instr(target, '?') - 1) ELSE target END",
                LOOKED_AT,
            ),
            Recent::Types => (
                "CASE WHEN instr(content_type, ';') THEN substr(content_type, 1, instr(content_type, ';') - 1) \
                ELSE content_type END",
                LOOKED_AT,
            ),
            Recent::Methods => ("method", LOOKED_AT),
            Recent::Statuses => ("CAST(status AS TEXT)", LOOKED_AT),
            Recent::HeaderNames => ("request_headers AS more, response_headers", HEADS),
            Recent::Clients => (
                "(SELECT rtrim(rtrim(client, '0123456789'), ':') FROM connections \
                WHERE connections.id = exchanges.connection)",
                LOOKED_AT,
            ),
        };
        let seen = format!("SELECT {value} AS value FROM exchanges ORDER BY id DESC LIMIT {rows}");
        let seen = match kind {
            Recent::HeaderNames => format!(
                "SELECT lower(field.value ->> '$[0]') AS value FROM ({seen}) AS heads, \
                json_each('[' || heads.more || ',' || coalesce(heads.value, '[]') || ']') AS head, \
                json_each(head.value) AS field"
            ),
            _ => seen,
        };
        let sql = format!(
            "SELECT value FROM ({seen}) WHERE value IS NOT NULL AND lower(substr(value, 1, length(?1))) = lower(?1) \
            GROUP BY value ORDER BY count(*) DESC, value LIMIT ?2"
        );
        let values = sqlx::query_scalar(AssertSqlSafe(sql)).bind(prefix).bind(limit);
        Ok(values.fetch_all(&*self.0.readers().await?).await?)
    }
}
