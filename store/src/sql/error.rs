//! Errors of questions in SQL.

use std::time::Duration;

use rusqlite::ErrorCode;

use crate::StoreError;

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// There is no statement.
    #[error("there is no statement: try \"SELECT * FROM v_exchanges ORDER BY id DESC LIMIT 10\"")]
    Empty,
    /// There is more than one.
    #[error("there is more than one statement: ask them one at a time")]
    Several,
    /// It would do more than read.
    #[error("only reading is allowed (SELECT, WITH, VALUES, EXPLAIN): nothing was changed")]
    NotReading,
    /// SQLite does not understand it, or a function refused.
    #[error("{message}{}", at.map(|at| format!(", at character {at}")).unwrap_or_default())]
    Refused {
        /// SQLite's words.
        message: String,
        /// The place in the statement, in characters from 1.
        at: Option<usize>,
    },
    /// Its time was over.
    #[error(
        "it took longer than {limit:?}: restrict it by id (the rows lie in that order), or allow more with --time-limit"
    )]
    TooLong {
        /// The time that it had.
        limit: Duration,
    },
    /// The database can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SqlError {
    /// The error for one of SQLite's while it has no limit of time, or none has begun.
    pub(super) fn refused(error: rusqlite::Error) -> Self {
        Self::of(error, None)
    }

    /// The error for one of SQLite's.
    pub(super) fn of(error: rusqlite::Error, limit: Option<Duration>) -> Self {
        match (error, limit) {
            (rusqlite::Error::SqlInputError { error, .. }, _)
                if error.code == ErrorCode::AuthorizationForStatementDenied =>
            {
                Self::NotReading
            }
            (rusqlite::Error::SqlInputError { msg, sql, offset, .. }, _) => {
                let before = usize::try_from(offset).ok().and_then(|offset| sql.get(..offset));
                Self::Refused { message: msg, at: before.map(|before| before.chars().count() + 1) }
            }
            (rusqlite::Error::SqliteFailure(error, message), limit) => match (error.code, limit) {
                (ErrorCode::AuthorizationForStatementDenied, _) => Self::NotReading,
                (ErrorCode::OperationInterrupted, Some(limit)) => Self::TooLong { limit },
                (ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::TooBig, _) => {
                    let message = message.unwrap_or_else(|| error.to_string());
                    Self::Refused { message, at: None }
                }
                _ => Self::Store(rusqlite::Error::SqliteFailure(error, message).into()),
            },
            (other, _) => Self::Store(other.into()),
        }
    }
}
