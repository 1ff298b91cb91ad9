//! Values that were seen of late, for completion.

use dashcam_filter::Source;
use sqlx::AssertSqlSafe;

use crate::reader::Reader;
use crate::reader::error::ReadError;

/// The newest exchanges that are looked at.
const LOOKED_AT: u32 = 10_000;
/// The same where the heads have to be read.
const HEADS: u32 = 300;

impl Reader {
    /// At most `limit` values that begin with `prefix` (whatever its case), those first that the newest exchanges have most
    /// often. Of presets it has all, by their names, and of snapshots the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn recent(&self, source: Source, prefix: &str, limit: u32) -> Result<Vec<String>, ReadError> {
        let Some(sql) = statement(source) else {
            let names: Vec<String> = match source {
                Source::Snapshots => {
                    self.snapshots(LOOKED_AT).await?.into_iter().map(|snapshot| snapshot.name).collect()
                }
                _ => self.presets().await?.into_iter().map(|preset| preset.name).collect(),
            };
            return Ok(names.into_iter().filter(|name| name.starts_with(prefix)).collect());
        };
        let values = sqlx::query_scalar(AssertSqlSafe(sql)).bind(prefix).bind(limit);
        Ok(values.fetch_all(&*self.0.readers().await?).await?)
    }
}

/// The statement for the values of `source` that begin with `?1`, at most `?2`; `None` for those that are not in rows.
pub(crate) fn statement(source: Source) -> Option<String> {
    let (value, rows) = match source {
        Source::Hosts => ("host", LOOKED_AT),
        Source::Paths => (
            "CASE WHEN instr(target, '?') THEN substr(target, 1, instr(target, '?') - 1) ELSE target END",
            LOOKED_AT,
        ),
        Source::Types => (
            "CASE WHEN instr(content_type, ';') THEN substr(content_type, 1, instr(content_type, ';') - 1) \
            ELSE content_type END",
            LOOKED_AT,
        ),
        Source::Methods => ("method", LOOKED_AT),
        Source::Statuses => ("CAST(status AS TEXT)", LOOKED_AT),
        Source::HeaderNames => ("request_headers AS more, response_headers", HEADS),
        Source::Clients => (
            "(SELECT rtrim(rtrim(client, '0123456789'), ':') FROM connections \
            WHERE connections.id = exchanges.connection)",
            LOOKED_AT,
        ),
        Source::Programs => {
            ("(SELECT program FROM connections WHERE connections.id = exchanges.connection)", LOOKED_AT)
        }
        Source::Rules => ("rule", LOOKED_AT),
        Source::Snapshots | Source::Presets => return None,
    };
    let seen = format!("SELECT {value} AS value FROM exchanges ORDER BY id DESC LIMIT {rows}");
    let seen = match source {
        Source::HeaderNames => format!(
            "SELECT lower(field.value ->> '$[0]') AS value FROM ({seen}) AS heads, \
            json_each('[' || heads.more || ',' || coalesce(heads.value, '[]') || ']') AS head, \
            json_each(CASE head.type WHEN 'array' THEN head.value ELSE '[]' END) AS field"
        ),
        _ => seen,
    };
    Some(format!(
        "SELECT value FROM ({seen}) WHERE value IS NOT NULL AND lower(substr(value, 1, length(?1))) = lower(?1) \
        GROUP BY value ORDER BY count(*) DESC, value LIMIT ?2"
    ))
}
