//! Errors as the API answers them: `{"error": {"code", "message"}}`, with the place in the filter if that is wrong.

use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use dashcam_changes::Refused;
use dashcam_filter::{FilterError, nearest_in_refusal};
use dashcam_store::{ReadError, StoreError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The kind of error, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// 400: the call is malformed.
    BadRequest,
    /// 400: the filter can't be read; `filter` says where and why.
    BadFilter,
    /// 401: no token and no session, or none that is known.
    Unauthorized,
    /// 403: the `Host` is no name of this listener.
    HostNotAllowed,
    /// 403: another site's page made the call.
    CrossSite,
    /// 403: the recording is only read here.
    ReadOnly,
    /// 403: only the owner may do it, over the control socket.
    OwnerOnly,
    /// 403: the caller's role does not allow it; the message names the one that does.
    RoleNeeded,
    /// 404: there is no such thing.
    NotFound,
    /// 405: the path does not take this method.
    MethodNotAllowed,
    /// 409: what is stored does not allow it.
    Conflict,
    /// 413: too large.
    TooLarge,
    /// 422: a value makes no sense.
    Invalid,
    /// 429: as many as there may be at once are under way.
    TooMany,
    /// 500: a fault in dashcam.
    Internal,
    /// 503: not at the moment.
    Unavailable,
}

/// The body of every answer that is an error.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorDetail,
}

/// An error: its kind, and a message that says what to do next.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// For programs.
    pub code: Code,
    /// For people.
    pub message: String,
    /// Where the code is `bad_filter`: the place, and what could stand there.
    pub filter: Option<FilterFault>,
}

/// An error in a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FilterFault {
    /// The filter.
    pub text: String,
    /// The character at which it went wrong, from 1; one behind the last at the end.
    pub column: usize,
    /// Says what is wrong there.
    pub message: String,
    /// Says what could stand there; empty if nothing is to be said.
    pub expected: String,
    /// The nearest name, where one is near.
    pub suggestion: Option<String>,
}

impl From<FilterError> for FilterFault {
    fn from(error: FilterError) -> Self {
        let FilterError { text, column, message, expected, suggestion } = error;
        Self { text, column, message, expected, suggestion }
    }
}

/// An error on its way out.
#[derive(Debug)]
pub(crate) struct ApiError {
    code: Code,
    message: String,
    filter: Option<Box<FilterFault>>,
}

impl ApiError {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), filter: None }
    }

    /// The same of a thing: its name stands before the message.
    pub(crate) fn of(self, thing: &str) -> Self {
        Self { message: format!("{thing}: {}", self.message), ..self }
    }

    pub(crate) fn code(&self) -> Code {
        self.code
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(Code::BadRequest, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// Message `seq` of exchange `id` is not there.
    pub(crate) fn no_message(id: i64, seq: u32) -> Self {
        let hint =
            format!("`dashcam show {id}` or GET /api/v1/exchanges/{id}/messages lists those that are there.");
        Self::not_found(format!("Exchange {id} has no message {seq}. {hint}"))
    }

    pub(crate) fn no_exchange(id: i64) -> Self {
        let hint =
            "It may have been deleted; `dashcam ls` or GET /api/v1/exchanges lists those that are there.";
        Self::not_found(format!("There is no exchange {id}. {hint}"))
    }

    fn status(&self) -> StatusCode {
        match self.code {
            Code::BadRequest | Code::BadFilter => StatusCode::BAD_REQUEST,
            Code::Unauthorized => StatusCode::UNAUTHORIZED,
            Code::HostNotAllowed | Code::CrossSite | Code::ReadOnly | Code::OwnerOnly | Code::RoleNeeded => {
                StatusCode::FORBIDDEN
            }
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Code::Conflict => StatusCode::CONFLICT,
            Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Code::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let filter = self.filter.map(|fault| *fault);
        let body = ErrorBody { error: ErrorDetail { code: self.code, message: self.message, filter } };
        (status, Json(body)).into_response()
    }
}

impl From<ReadError> for ApiError {
    /// The text says what to do next.
    fn from(error: ReadError) -> Self {
        // Why the database is not open is told once, by the pause.
        if !matches!(error, ReadError::NotOpen(_)) {
            tracing::error!(%error, "the store could not answer a call");
        }
        let code = match &error {
            ReadError::NotOpen(_) | ReadError::Unavailable(_) => Code::Unavailable,
            ReadError::Damaged(_) | ReadError::Fault(_) => Code::Internal,
        };
        Self::new(code, error.to_string())
    }
}

impl From<FilterError> for ApiError {
    fn from(error: FilterError) -> Self {
        let message = error.to_string();
        Self { code: Code::BadFilter, message, filter: Some(Box::new(error.into())) }
    }
}

impl From<StoreError> for ApiError {
    /// An operator's call that failed is answered as a read is.
    fn from(error: StoreError) -> Self {
        ReadError::from(error).into()
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        let text = refused.to_string();
        let message = if text.ends_with('?') { text } else { text + "." };
        match refused {
            Refused::Invalid(_) | Refused::Endless(_) => Self::new(Code::Invalid, message),
            Refused::Moved { .. } => Self::new(Code::Conflict, message),
            Refused::NoRule { .. } | Refused::NoLease(_) => Self::not_found(message),
            Refused::NotReady => Self::new(Code::Unavailable, message),
        }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let code = match rejection.status() {
            StatusCode::UNPROCESSABLE_ENTITY => Code::Invalid,
            StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
            _ => Code::BadRequest,
        };
        let message = rejection.body_text();
        match nearest_in_refusal(&message) {
            Some(near) => Self::new(code, format!("{message}; did you mean \u{201c}{near}\u{201d}?")),
            None => Self::new(code, message),
        }
    }
}

impl From<BytesRejection> for ApiError {
    fn from(rejection: BytesRejection) -> Self {
        let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
        let code = if too_large { Code::TooLarge } else { Code::BadRequest };
        Self::new(code, rejection.body_text())
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request(rejection.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::bad_request(rejection.body_text())
    }
}
