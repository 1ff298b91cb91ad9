//! The values that exchanges are grouped by.

use std::borrow::Cow;

use dashcam_exchange::{Failure, State};

use super::row::Row;
use crate::rows::segment::{Column, Names, Wanted};
use dashcam_exchange::path_shape;

/// Bytes that are kept of a value: only strange ones are longer.
const LONGEST: usize = 1000;

/// A value that exchanges are grouped by. An exchange may have none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// The destination's host.
    Host,
    /// The path, with ids folded to `{id}`.
    Path,
    /// The request's method.
    Method,
    /// The response's status.
    Status,
    /// The response's content type without parameters, in lower case.
    Type,
    /// How it stands.
    State,
    /// Side and stage of the failure, as `upstream/dns`.
    Failure,
    /// The rule that decided about its recording.
    Rule,
    /// The client's address without its port.
    Client,
    /// The name of the program on this machine that sent it.
    Program,
}

impl By {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Host, "host"),
        (Self::Path, "path"),
        (Self::Method, "method"),
        (Self::Status, "status"),
        (Self::Type, "type"),
        (Self::State, "state"),
        (Self::Failure, "failure"),
        (Self::Rule, "rule"),
        (Self::Client, "client"),
        (Self::Program, "program"),
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.into_iter().find(|(by, _)| *by == self).map_or("", |(_, name)| name)
    }

    /// The column of names that has it, if one does.
    pub(super) fn column(self) -> Option<Column> {
        match self {
            Self::Host => Some(Column::Destination),
            Self::Method => Some(Column::Method),
            Self::Status => Some(Column::Status),
            Self::Type => Some(Column::Type),
            Self::State | Self::Failure | Self::Rule => Some(Column::Outcome),
            Self::Path | Self::Client | Self::Program => None,
        }
    }

    /// Returns whether the client's connection has it.
    pub(super) fn is_of_client(self) -> bool {
        matches!(self, Self::Client | Self::Program)
    }

    /// The parts of exchanges that have it.
    pub(super) fn wanted(self) -> Wanted {
        match self {
            Self::Path => Wanted::TARGETS,
            Self::Client | Self::Program => Wanted::column(Column::Connection),
            other => other.column().map_or(Wanted::NONE, Wanted::column),
        }
    }

    /// The value that a name stands for, for those that have a column.
    pub(super) fn of_name(self, names: &Names, name: usize) -> Option<Cow<'_, str>> {
        match self {
            Self::Host => Some(names.destinations[name].host.as_str().into()),
            Self::Method => Some(names.methods[name].as_str().into()),
            Self::Status => names.statuses[name].map(status),
            Self::Type => names.types[name].as_deref().and_then(essence),
            Self::State => Some(State::as_str(names.outcomes[name].state).into()),
            Self::Failure => names.outcomes[name].failure.as_ref().map(failure),
            Self::Rule => names.outcomes[name].rule.as_deref().map(Cow::from),
            Self::Path | Self::Client | Self::Program => None,
        }
    }

    /// The value of an exchange. A path is folded into `shape`.
    pub(super) fn of_row<'v>(self, row: &Row<'v>, shape: &'v mut String) -> Option<Cow<'v, str>> {
        match self {
            Self::Host => Some(row.host.into()),
            Self::Path => {
                path_shape(row.target, shape);
                Some(shape.as_str().into())
            }
            Self::Method => Some(row.method.into()),
            Self::Status => row.status.map(status),
            Self::Type => row.content_type.and_then(essence),
            Self::State => Some(State::as_str(row.state).into()),
            Self::Failure => row.failure.map(failure),
            Self::Rule => row.rule.map(Cow::from),
            Self::Client => row.client.map(Cow::from),
            Self::Program => row.program.map(Cow::from),
        }
    }
}

/// The beginning of a value, if it is long.
pub(super) fn kept(value: &str) -> &str {
    &value[..value.floor_char_boundary(LONGEST)]
}

fn status(status: u16) -> Cow<'static, str> {
    status.to_string().into()
}

fn failure(failure: &Failure) -> Cow<'static, str> {
    format!("{}/{}", failure.side.as_str(), failure.stage.as_str()).into()
}

/// A content type without its parameters; none if nothing stands before them.
fn essence(kind: &str) -> Option<Cow<'_, str>> {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    match essence.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Some(essence.to_ascii_lowercase().into()),
        false => (!essence.is_empty()).then_some(essence.into()),
    }
}
