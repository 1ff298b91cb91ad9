//! The recording, or one exchange, as a file in one of the formats of [`dashcam_views::export`].

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use dashcam_views::export::{self, Export, ExportFormat};
use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;

use crate::api::{Path, Query};
use crate::app::App;
use crate::audit::{Action, Subject, UnderWay};
use crate::error::{ApiError, ErrorBody};
use crate::filter;
use crate::page::bounds::Bounds;
use crate::principal::Caller;
use crate::unsealing::{Unseal, Unsealing};

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// A filter, in the language of `docs/FILTERS.md`.
    filter: Option<String>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct As {
    /// The format: `har` (the default) or `ndjson`.
    format: Option<String>,
    /// True puts sealed secrets back, which needs the role admin; false by default.
    unseal: Option<bool>,
}

impl As {
    fn unseal(&self) -> Unseal {
        Unseal { unseal: self.unseal }
    }
}

/// The recording as a file, oldest first, written while it is read.
#[utoipa::path(
    get,
    path = "/export",
    operation_id = "export",
    params(Wanted, As),
    responses(
        (
            status = OK,
            description = "The file.",
            content((serde_json::Value = "application/json"), (String = "application/x-ndjson"))
        ),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn all(
    State(app): State<App>,
    caller: Caller,
    Extension(bounds): Extension<Arc<Bounds>>,
    Query(wanted): Query<Wanted>,
    Query(form): Query<As>,
) -> Result<Response, ApiError> {
    let format = named(form.format.as_deref())?;
    let place = bounds.exports.take()?;
    let filter = filter::read(&app, wanted.filter.as_deref()).await?;
    // Those that have ended are to be in it, unless the disk takes nothing.
    app.recorder.settle().await;
    let of = if filter.is_all() { Subject::All } else { Subject::Filter(filter.to_string()) };
    let unsealing = form.unseal().begin(&app, &caller, (of.clone(), "export"))?;
    let export = Export::new(format, app.export_source(unsealing.as_deref().cloned()), filter);
    let noted = noted(&app, &caller, (&export, format), (of, unsealing.is_some()));
    Ok(file(export, ("dashcam", format), (place, noted, unsealing)))
}

/// One exchange as a file, written while it is read.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/export",
    operation_id = "export_exchange",
    params(("id" = i64, Path), As),
    responses(
        (
            status = OK,
            description = "The file.",
            content((serde_json::Value = "application/json"), (String = "application/x-ndjson"))
        ),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Extension(bounds): Extension<Arc<Bounds>>,
    Path(id): Path<i64>,
    Query(form): Query<As>,
) -> Result<Response, ApiError> {
    let format = named(form.format.as_deref())?;
    let place = bounds.exports.take()?;
    let exchange = app.stored(id).await?;
    let of = Subject::Exchanges(vec![exchange.id]);
    let unsealing = form.unseal().begin(&app, &caller, (of.clone(), "export"))?;
    let export = Export::of_one(format, app.export_source(unsealing.as_deref().cloned()), exchange);
    let noted = noted(&app, &caller, (&export, format), (of, unsealing.is_some()));
    Ok(file(export, (&format!("exchange-{id}"), format), (place, noted, unsealing)))
}

/// Notes in the audit log that an export begins; it gets its count once what is returned is dropped.
fn noted(
    app: &App,
    caller: &Caller,
    (export, format): (&Export, &ExportFormat),
    (of, unsealed): (Subject, bool),
) -> UnderWay {
    let action = Action::Export { format: format.name, of, unsealed };
    app.audit.begin(caller, action, export.written())
}

fn named(format: Option<&str>) -> Result<&'static ExportFormat, ApiError> {
    export::format(format).map_err(|error| ApiError::bad_request(format!("{error}.")))
}

/// HAR 1.2, oldest first, written while it is read.
#[utoipa::path(
    get,
    path = "/export.har",
    operation_id = "export_har",
    params(Wanted),
    responses(
        (status = OK, content_type = "application/json", body = serde_json::Value),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn har(
    app: State<App>,
    caller: Caller,
    bounds: Extension<Arc<Bounds>>,
    wanted: Query<Wanted>,
) -> Result<Response, ApiError> {
    all(app, caller, bounds, wanted, HAR).await
}

/// HAR 1.2 of one exchange, written while it is read.
#[utoipa::path(
    get,
    path = "/exchanges/{id}/har",
    operation_id = "har",
    params(("id" = i64, Path)),
    responses(
        (status = OK, content_type = "application/json", body = serde_json::Value),
        (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn har_of_one(
    app: State<App>,
    caller: Caller,
    bounds: Extension<Arc<Bounds>>,
    id: Path<i64>,
) -> Result<Response, ApiError> {
    one(app, caller, bounds, id, HAR).await
}

/// The format of the calls that are named after it: the one where none is named.
const HAR: Query<As> = Query(As { format: None, unseal: None });

/// The file, which keeps its place among the exports to its end, and then has its count in the audit log.
fn file(
    export: Export,
    (name, format): (&str, &ExportFormat),
    held: (OwnedSemaphorePermit, UnderWay, Option<Unsealing>),
) -> Response {
    let pieces = export.pieces().inspect(move |_| {
        let _held = &held;
    });
    let disposition = format!("attachment; filename=\"{name}.{}\"", format.extension);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type)),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(disposition).expect("a number and fixed words")),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}
