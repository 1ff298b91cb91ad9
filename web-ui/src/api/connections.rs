//! Client connections.

use axum::extract::State;
use axum::{Extension, Json};
use dashcam_exchange::{ConnectionId, Timestamp};
use dashcam_filter::Facts;
use dashcam_views::dto::{Connection, Connections};
use dashcam_views::hydrate;
use serde::Deserialize;

use crate::api::losses::moment;
use crate::api::{Limit, Path, Query};
use crate::app::App;
use crate::dto::Closed;
use crate::error::{ApiError, ErrorBody};
use crate::filter;
use crate::principal::Principal;
use crate::read_only;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Only connections with smaller numbers.
    before: Option<i64>,
    /// How many: 1 to 1000, 100 by default.
    limit: Option<u32>,
    /// Only those that failed.
    failed: Option<bool>,
    /// Only those that failed, some perhaps after exchanges, or were tunnelled. A page may have fewer than `limit`, or
    /// none: go by `next_before`.
    unread: Option<bool>,
    /// With `unread`, only those that were opened at this moment (RFC 3339) or later.
    since: Option<String>,
    /// With `unread`, only those that were opened before this moment.
    until: Option<String>,
    /// With `unread`, a filter, in the language of `docs/FILTERS.md`: of a connection it sees the client, the program, the
    /// destination, the time and the failure.
    filter: Option<String>,
}

/// Client connections, newest first.
#[utoipa::path(
    get,
    path = "/connections",
    operation_id = "connections",
    params(Page),
    responses((status = OK, body = Connections), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    State(app): State<App>,
    Query(page): Query<Page>,
) -> Result<Json<Connections>, ApiError> {
    let limit = Limit::new(page.limit)?;
    let before = page.before.map(ConnectionId);
    if page.unread.unwrap_or(false) {
        if page.failed.is_some() {
            return Err(ApiError::bad_request(
                "`failed` does not go with `unread`, which has those that failed too.",
            ));
        }
        return unread(&app, &page, before, limit).await;
    }
    if page.since.is_some() || page.until.is_some() || page.filter.is_some() {
        return Err(ApiError::bad_request("`since`, `until` and `filter` go with `unread`."));
    }
    let mut rows =
        app.store.reader().connections(page.failed.unwrap_or(false), before, limit.probe()).await?;
    let next_before = limit.cut(&mut rows, |row| row.id.0);
    Ok(Json(Connections { connections: rows.into_iter().map(Connection::from).collect(), next_before }))
}

/// Connections that failed or were tunnelled.
async fn unread(
    app: &App,
    page: &Page,
    before: Option<ConnectionId>,
    Limit(most): Limit,
) -> Result<Json<Connections>, ApiError> {
    let filter = filter::read(app, page.filter.as_deref()).await?;
    let end = |name, text: &Option<String>, open| {
        text.as_deref().map_or(Ok(Timestamp(open)), |text| moment(name, text))
    };
    let range = (end("since", &page.since, i64::MIN)?, end("until", &page.until, i64::MAX)?);
    let found = app.store.reader().unread(range, before, most).await?;
    let matching = found.connections.into_iter().filter(|connection| {
        let destination = connection.goes_to();
        filter.evaluate(&Facts::of_unread(connection, destination.as_ref())).is_true()
    });
    let connections = matching.map(Connection::from).collect();
    Ok(Json(Connections { connections, next_before: found.next.map(|id| id.0) }))
}

/// Closes the connections that are not recorded because nothing was recorded when they began, so that their clients open
/// others, which are. Each is closed as soon as nothing moves on it for half a second, or after five seconds.
#[utoipa::path(
    post,
    path = "/connections/unread/close",
    operation_id = "close_unread_connections",
    responses((status = OK, body = Closed), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn close_unread(
    State(app): State<App>,
    Extension(caller): Extension<Principal>,
) -> Result<Json<Closed>, ApiError> {
    let replayer = app.replayer.as_ref().ok_or_else(|| read_only::refusal(&app))?;
    let connections = replayer.close_unread() as u64;
    tracing::info!(who = caller.as_str(), connections, "closing connections that are not recorded");
    Ok(Json(Closed { connections }))
}

/// One client connection.
#[utoipa::path(
    get,
    path = "/connections/{id}",
    operation_id = "connection",
    params(("id" = i64, Path)),
    responses((status = OK, body = Connection), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn one(State(app): State<App>, Path(id): Path<i64>) -> Result<Json<Connection>, ApiError> {
    let mut found = app.store.reader().connection(ConnectionId(id)).await?;
    // It may be on its way to the store.
    if found.is_none() && app.recorder.settle().await {
        found = app.store.reader().connection(ConnectionId(id)).await?;
    }
    let missing = || ApiError::not_found(format!("There is no connection {id}."));
    let connection = found.ok_or_else(missing)?;
    Ok(Json(hydrate::connection(app.store.reader(), connection).await?))
}
