//! The rest of an exchange's record, where its packed facts are not enough: its heads, the upstream, the client.

use std::sync::LazyLock;

use dashcam_exchange::{
    ExchangeId, Headers, Redaction, RequestHead, ResponseHead, TlsFacts, Upstream, Version,
};
use dashcam_filter::{Client, Facts, Filter, Marks, Parts, Truth};
use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::rows::heads::{WHOLE_REQUEST, WHOLE_RESPONSE};
use crate::rows::notes::{self, Note};
use crate::rows::snapshots;

static RECORD: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT authority, request_version, {WHOLE_REQUEST}, response_version, reason, {WHOLE_RESPONSE}, \
    upstream_address, upstream_reused, upstream_tls, response_trailers, \
    (SELECT name FROM redaction_sets WHERE redaction_sets.id = redaction_set), redacted, \
    request_stored_as IS NOT NULL OR response_stored_as IS NOT NULL FROM exchange_rows WHERE id = ?"
    )
});
const CLIENT: &str = "SELECT client, mode, tls_version, tls_cipher, tls_sni, tls_alpn, program, program_pid, listener \
    FROM connections WHERE id = ?";

/// Answers for an exchange of which `facts` are known, with as much of the rest of its record as the filter needs. Unknown
/// if it takes the contents of bodies or messages; false if the exchange is gone meanwhile.
pub(super) fn judge(connection: &Connection, filter: &Filter, facts: Facts<'_>) -> Result<Truth, StoreError> {
    let truth = with_rest((connection, filter.needs()), facts, |facts| filter.evaluate(&facts))?;
    Ok(truth.unwrap_or(Truth::False))
}

/// Shows `look` what is known of an exchange: `facts`, and as much of the rest of its record as is among `needs`. `None` if
/// it is gone meanwhile.
pub(super) fn with_rest<T>(
    (connection, needs): (&Connection, Parts),
    facts: Facts<'_>,
    look: impl FnOnce(Facts<'_>) -> T,
) -> Result<Option<T>, StoreError> {
    let client = match facts.connection.filter(|_| needs.intersects(Parts::CONNECTION | Parts::PROGRAM)) {
        Some(id) => connection
            .prepare_cached(CLIENT)?
            .query_row([id.0], |row| Ok(client(row)))
            .optional()?
            .transpose()?,
        None => None,
    };
    let facts = match needs.intersects(Parts::CONNECTION | Parts::PROGRAM) {
        true => facts.with_client(client.as_ref().map(ClientRow::facts)),
        false => facts,
    };
    let id = facts.id.map_or(0, |id| id.0);
    let note = match needs.intersects(Parts::NOTE) {
        true => {
            Some((notes::of(connection, ExchangeId(id))?, snapshots::names_of(connection, ExchangeId(id))?))
        }
        false => None,
    };
    let facts = match &note {
        Some((Note { comment, tags }, snapshots)) => {
            let pinned = facts.marks.is_some_and(|marks| marks.pinned);
            facts.with_marks(Marks { pinned, tags, comment, snapshots })
        }
        None => facts,
    };
    if !needs.intersects(Parts::RECORD) {
        return Ok(Some(look(facts)));
    }
    let read = |row: &Row<'_>| Ok(Record::read(row, &facts, needs));
    let Some(record) = connection.prepare_cached(&RECORD)?.query_row([id], read).optional()?.transpose()?
    else {
        return Ok(None);
    };
    Ok(Some(look(Facts {
        known: facts.known | Parts::RECORD,
        request: Some(&record.request),
        response: record.response.as_ref(),
        upstream: record.upstream.as_ref(),
        trailers: record.trailers.as_ref(),
        redaction: record.redaction.as_ref(),
        redacted: Some(record.is_redacted),
        ..facts
    })))
}

struct Record {
    request: RequestHead,
    response: Option<ResponseHead>,
    upstream: Option<Upstream>,
    trailers: Option<Headers>,
    redaction: Option<Redaction>,
    is_redacted: bool,
}

impl Record {
    /// Reads a row; of its heads those that a filter `needs`.
    fn read(row: &Row<'_>, facts: &Facts<'_>, needs: Parts) -> Result<Self, StoreError> {
        let head = |part, at| match needs.intersects(part) {
            true => Ok::<_, StoreError>(json(row, at)?.unwrap_or_default()),
            false => Ok(Headers::default()),
        };
        let request = RequestHead {
            method: facts.method.unwrap_or_default().to_owned(),
            target: facts.target.unwrap_or_default().to_owned(),
            authority: value(row, 0)?,
            version: version(row, 1)?.unwrap_or(Version::Http11),
            headers: head(Parts::REQUEST_HEAD, 2)?,
        };
        let response = match facts.status.zip(version(row, 3)?) {
            Some((status, version)) => Some(ResponseHead {
                version,
                status,
                reason: value::<Option<String>>(row, 4)?.unwrap_or_default(),
                headers: head(Parts::RESPONSE_HEAD, 5)?,
            }),
            None => None,
        };
        let reused = value::<Option<bool>>(row, 7)?.unwrap_or_default();
        let tls_version = value(row, 8)?;
        let upstream = value::<Option<String>>(row, 6)?;
        let upstream = upstream.map(|address| Upstream { address, reused, tls_version, connection: None });
        let set = value::<Option<String>>(row, 10)?;
        let redaction =
            set.zip(value(row, 11)?).map(|(set, replaced)| Redaction { set: set.into(), replaced });
        let is_redacted =
            value::<bool>(row, 12)? || redaction.as_ref().is_some_and(|found| found.replaced > 0);
        Ok(Self { request, response, upstream, trailers: json(row, 9)?, redaction, is_redacted })
    }
}

struct ClientRow {
    address: String,
    mode: String,
    listener: Option<String>,
    program: Option<String>,
    pid: Option<u32>,
    tls: Option<TlsFacts>,
}

impl ClientRow {
    fn facts(&self) -> Client<'_> {
        Client {
            address: &self.address,
            mode: &self.mode,
            listener: self.listener.as_deref(),
            program: self.program.as_deref(),
            pid: self.pid,
            tls: self.tls.as_ref(),
            asked_name: None,
        }
    }
}

fn client(row: &Row<'_>) -> Result<ClientRow, StoreError> {
    let cipher = value::<Option<String>>(row, 3)?.unwrap_or_default();
    let (sni, alpn, certificates) = (value(row, 4)?, value(row, 5)?, Vec::new());
    let version: Option<String> = value(row, 2)?;
    let tls = version.map(|version| TlsFacts { version, cipher, sni, alpn, certificates });
    let (program, pid) = (value(row, 6)?, value(row, 7)?);
    let listener = value(row, 8)?;
    Ok(ClientRow { address: value(row, 0)?, mode: value(row, 1)?, listener, program, pid, tls })
}

fn value<T: FromSql>(row: &Row<'_>, at: usize) -> Result<T, StoreError> {
    T::column_result(row.get_ref(at)?).map_err(|error| unlike(&error))
}

fn version(row: &Row<'_>, at: usize) -> Result<Option<Version>, StoreError> {
    let name = row.get_ref(at)?.as_str_or_null().map_err(|error| unlike(&error))?;
    name.map(|name| Version::parse(name).ok_or_else(|| unlike(&name))).transpose()
}

fn json<T: DeserializeOwned>(row: &Row<'_>, at: usize) -> Result<Option<T>, StoreError> {
    let json = row.get_ref(at)?.as_str_or_null().map_err(|error| unlike(&error))?;
    json.map(|json| serde_json::from_str(json).map_err(|error| unlike(&error))).transpose()
}

fn unlike(found: &dyn std::fmt::Display) -> StoreError {
    StoreError::Damaged(format!("a row of an exchange or of its connection: {found}"))
}
