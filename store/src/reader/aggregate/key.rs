//! The values that exchanges are grouped by.

use std::borrow::Cow;

use dashcam_exchange::State;
use rusqlite::Connection;

use super::clients::Clients;
use super::path_shape::path_shape;
use crate::StoreError;
use crate::rows::segment::{Column, Names, Segment, Wanted};

/// A value that exchanges are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// The destination's host.
    Host,
    /// The path, with ids folded to `{id}`.
    Path,
    /// The request's method.
    Method,
    /// The response's status; `none` if there is no response.
    Status,
    /// The response's content type without parameters, in lower case; `none` if it has none.
    Type,
    /// How it stands.
    State,
    /// Side and stage of the failure, as `upstream/dns`; `none` if nothing failed.
    Failure,
    /// The client's address without its port; `none` if it is not known.
    Client,
}

const NONE: &str = "none";

impl By {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Host, "host"),
        (Self::Path, "path"),
        (Self::Method, "method"),
        (Self::Status, "status"),
        (Self::Type, "type"),
        (Self::State, "state"),
        (Self::Failure, "failure"),
        (Self::Client, "client"),
    ];

    /// The one of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(by, _)| by)
    }

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
            Self::State | Self::Failure => Some(Column::Outcome),
            Self::Path | Self::Client => None,
        }
    }

    /// The parts of exchanges that have it.
    pub(super) fn wanted(self) -> Wanted {
        match self {
            Self::Path => Wanted::TARGETS,
            Self::Client => Wanted::column(Column::Connection),
            other => other.column().map_or(Wanted::NONE, Wanted::column),
        }
    }

    /// The value that a name stands for, for those that have a column.
    pub(super) fn of_name(self, names: &Names, name: usize) -> Cow<'_, str> {
        match self {
            Self::Host => names.destinations[name].host.as_str().into(),
            Self::Method => names.methods[name].as_str().into(),
            Self::Status => names.statuses[name].map_or(NONE.into(), |status| status.to_string().into()),
            Self::Type => names.types[name].as_deref().map_or(NONE.into(), essence),
            Self::State => State::as_str(names.outcomes[name].state).into(),
            Self::Failure => match &names.outcomes[name].failure {
                Some(failure) => format!("{}/{}", failure.side.as_str(), failure.stage.as_str()).into(),
                None => NONE.into(),
            },
            Self::Path | Self::Client => NONE.into(),
        }
    }

    /// Writes the value of the exchange at `row`.
    pub(super) fn of_row(
        self,
        (segment, row): (&Segment, usize),
        (connection, clients): (&Connection, &mut Clients),
        value: &mut String,
    ) -> Result<(), StoreError> {
        match self {
            Self::Path => path_shape(segment.targets.of(row), value),
            Self::Client => {
                let client = segment.numbers.optional(Column::Connection, row);
                let client = client.map(|id| clients.address(connection, id)).transpose()?.flatten();
                value.clear();
                value.push_str(client.unwrap_or(NONE));
            }
            _ => {
                let name = self.column().map_or(0, |column| segment.numbers.of(column)[row]);
                let name = usize::try_from(name).unwrap_or_default();
                value.clear();
                value.push_str(&self.of_name(&segment.names, name));
            }
        }
        Ok(())
    }
}

/// A content type without its parameters.
fn essence(kind: &str) -> Cow<'_, str> {
    let essence = kind.split(';').next().unwrap_or_default().trim();
    match essence.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => essence.to_ascii_lowercase().into(),
        false => essence.into(),
    }
}
