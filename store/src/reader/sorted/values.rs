//! The values by which exchanges are sorted: of a stretch's segment, of the store beside it, and of a row.

use std::collections::HashMap;
use std::sync::LazyLock;

use dashcam_exchange::{Headers, Summary, grpc_status};
use rusqlite::{Connection, OptionalExtension as _};

use super::by::SortBy;
use super::rank::{Owned, Value};
use crate::StoreError;
use crate::reader::clients::Clients;
use crate::reader::scan::Stretch;
use crate::rows::heads::WHOLE_RESPONSE;
use crate::rows::notes;
use crate::rows::segment::{Column, Wanted};

/// Tags of an exchange that are compared: lists keep no more of them.
const TAGS: usize = 12;
/// The heads that may have the status of a gRPC call.
static GRPC: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {WHOLE_RESPONSE}, response_trailers FROM exchange_rows WHERE id = ?"));

/// The values of exchanges that a walk meets.
pub(super) struct Values {
    by: SortBy,
    clients: Clients,
    /// Tags of the exchanges of a stretch that have some.
    tags: HashMap<i64, String>,
}

impl Values {
    pub(super) fn new(by: SortBy) -> Self {
        Self { by, clients: Clients::default(), tags: HashMap::new() }
    }

    /// Reads what a stretch needs before the values of its exchanges can be asked for.
    pub(super) fn begin(&mut self, connection: &Connection, stretch: &Stretch) -> Result<(), StoreError> {
        self.tags.clear();
        if self.by != SortBy::Tags {
            return Ok(());
        }
        let ids = || stretch.found.iter().map(|(row, _)| stretch.id(*row));
        let Some((first, last)) = ids().min().zip(ids().max()) else { return Ok(()) };
        let mut found = connection.prepare_cached(notes::TAGGED)?;
        let mut rows = found.query((first, last))?;
        while let Some(row) = rows.next()? {
            let note = notes::note(String::new(), &row.get::<_, String>(1)?)?;
            self.tags.insert(row.get(0)?, text_of(&note.tags));
        }
        Ok(())
    }

    /// The value of an exchange of a stretch.
    pub(super) fn of<'v>(
        &'v mut self,
        connection: &Connection,
        stretch: &'v Stretch,
        row: usize,
    ) -> Result<Value<'v>, StoreError> {
        let client = || stretch.segment.numbers.optional(Column::Connection, row);
        Ok(match self.by {
            SortBy::Client | SortBy::Program => {
                let client = client().map(|id| self.clients.of(connection, id)).transpose()?.flatten();
                Value::text(match self.by {
                    SortBy::Client => client.map(|client| &*client.address),
                    _ => client.and_then(|client| client.program.as_deref()),
                })
            }
            SortBy::Tags => Value::text(self.tags.get(&stretch.id(row)).map(String::as_str)),
            SortBy::GrpcStatus => Value::number(grpc(connection, stretch, row)?),
            by => by.of(stretch, row),
        })
    }
}

/// Tags as one text.
fn text_of(tags: &[String]) -> String {
    tags.iter().take(TAGS).map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// The status of a gRPC call, where the exchange is one.
fn grpc(connection: &Connection, stretch: &Stretch, row: usize) -> Result<Option<i64>, StoreError> {
    let name = stretch.segment.numbers.at(Column::Type, row).and_then(|name| usize::try_from(name).ok());
    let types = &stretch.segment.names.types;
    let content_type = name.and_then(|at| types.get(at)?.as_deref()).unwrap_or_default();
    // Most are none, and their heads need not be read.
    if !content_type.get(..16).is_some_and(|start| start.eq_ignore_ascii_case("application/grpc")) {
        return Ok(None);
    }
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found: Option<(Option<String>, Option<String>)> =
        connection.prepare_cached(&GRPC)?.query_row([stretch.id(row)], read).optional()?;
    let (headers, trailers) = found.unwrap_or_default();
    let [headers, trailers] = [fields(headers)?, fields(trailers)?];
    Ok(grpc_status(content_type, headers.as_ref(), trailers.as_ref()).map(i64::from))
}

fn fields(json: Option<String>) -> Result<Option<Headers>, StoreError> {
    let damaged = |error: serde_json::Error| StoreError::Damaged(format!("heads of an exchange: {error}"));
    json.map(|json| serde_json::from_str(&json).map_err(damaged)).transpose()
}

impl SortBy {
    /// The parts of segments that have the value, or lead to it.
    pub(super) fn wanted(self) -> Wanted {
        match self {
            Self::Id | Self::Tags => Wanted::NONE,
            Self::StartedAt => Wanted::column(Column::StartedAt),
            Self::Method => Wanted::column(Column::Method),
            Self::Host => Wanted::column(Column::Destination),
            Self::Path => Wanted::TARGETS,
            Self::Status => Wanted::column(Column::Status),
            Self::Type | Self::GrpcStatus => Wanted::column(Column::Type),
            Self::RequestSize => Wanted::column(Column::RequestSize),
            Self::ResponseSize => Wanted::column(Column::ResponseSize),
            Self::Duration => Wanted::column(Column::Duration),
            Self::Client | Self::Program => Wanted::column(Column::Connection),
            Self::Rule => Wanted::column(Column::Outcome),
        }
    }

    /// The value of an exchange of a stretch, if its segment has it.
    fn of(self, stretch: &Stretch, row: usize) -> Value<'_> {
        let (numbers, names) = (&stretch.segment.numbers, &stretch.segment.names);
        let name = |column| numbers.at(column, row).and_then(|name| usize::try_from(name).ok());
        let number = |column| Value::number(numbers.at(column, row));
        match self {
            Self::Id => Value::Number(stretch.id(row)),
            Self::StartedAt => number(Column::StartedAt),
            Self::Method => {
                Value::text(name(Column::Method).and_then(|at| names.methods.get(at)).map(String::as_str))
            }
            Self::Host => {
                let destination = name(Column::Destination).and_then(|at| names.destinations.get(at));
                Value::text(destination.map(|destination| destination.host.as_str()))
            }
            Self::Path => {
                Value::text((!stretch.segment.targets.is_empty()).then(|| stretch.segment.targets.of(row)))
            }
            Self::Status => {
                let status = name(Column::Status).and_then(|at| *names.statuses.get(at)?);
                Value::number(status.map(i64::from))
            }
            Self::Type => Value::text(name(Column::Type).and_then(|at| names.types.get(at)?.as_deref())),
            Self::RequestSize => number(Column::RequestSize),
            Self::ResponseSize => number(Column::ResponseSize),
            Self::Duration => Value::number(numbers.optional(Column::Duration, row)),
            Self::Rule => {
                Value::text(name(Column::Outcome).and_then(|at| names.outcomes.get(at)?.rule.as_deref()))
            }
            Self::Client | Self::Program | Self::Tags | Self::GrpcStatus => Value::None,
        }
    }

    /// The value of a row.
    pub(super) fn of_row(self, row: &Summary) -> Owned {
        let size = |bytes: u64| Value::Number(i64::try_from(bytes).unwrap_or(i64::MAX));
        let value = match self {
            Self::Id => Value::Number(row.id.0),
            Self::StartedAt => Value::Number(row.started_at.0),
            Self::Method => Value::text(Some(&row.method)),
            Self::Host => Value::text(Some(&row.destination.host)),
            Self::Path => Value::text(Some(&row.target)),
            Self::Status => Value::number(row.status.map(i64::from)),
            Self::Type => Value::text(row.content_type.as_deref()),
            Self::RequestSize => size(row.request_size),
            Self::ResponseSize => size(row.response_size),
            Self::Duration => Value::number(row.duration_us),
            Self::Client => Value::text(row.client.as_deref()),
            Self::Program => Value::text(row.program.as_deref()),
            Self::Rule => Value::text(row.rule.as_deref()),
            Self::GrpcStatus => Value::number(row.grpc_status.map(i64::from)),
            Self::Tags => {
                let tags = text_of(&row.tags);
                return Value::text((!tags.is_empty()).then_some(&*tags)).to_owned();
            }
        };
        value.to_owned()
    }
}
