//! The list of exchanges: pages from a place on, in both directions, and the first ones of another order.

use axum::Json;
use axum::extract::State;
use dashcam_exchange::ExchangeId;
use dashcam_filter::{Filter, Parts};
use dashcam_store::{Order, Place, SortBy, Start};
use dashcam_views::dto::{Ends, SearchProgress, SortProgress, Summaries, Summary};
use serde::{Deserialize, Serialize};
use tokio::time::Duration;
use utoipa::ToSchema;

use crate::api::losses::moment;
use crate::api::{Limit, Query};
use crate::app::App;
use crate::error::{ApiError, Code, ErrorBody};
use crate::filter;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// A filter, in the language of `docs/FILTERS.md`.
    filter: Option<String>,
    /// Only exchanges with smaller numbers.
    before: Option<i64>,
    /// Only exchanges with greater numbers: the nearest ones.
    after: Option<i64>,
    /// Only exchanges that began up to this moment, as RFC 3339 has it.
    at: Option<String>,
    /// How many: 1 to 1000, 100 by default.
    limit: Option<u32>,
    /// Milliseconds after which a search answers with what it has found: 10 to 10000, 2000 by default.
    within: Option<u64>,
    /// The value to sort by, in place of the number.
    #[param(inline)]
    sort: Option<Sort>,
    /// Which values come first: `desc` by default.
    #[param(inline)]
    order: Option<Direction>,
    /// The place in a sorted list behind which it goes on: `sorted.next` of the page before.
    from: Option<String>,
}

/// A value to sort by.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sort {
    Id,
    StartedAt,
    Method,
    Host,
    Path,
    Status,
    Type,
    RequestSize,
    ResponseSize,
    Duration,
    Client,
    Program,
    Rule,
    Tags,
    GrpcStatus,
}

/// The smallest first, or the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    Asc,
    Desc,
}

/// How long a search goes on by default, and how short and long it may.
const WITHIN: u64 = 2000;
const SHORTEST: u64 = 10;
const LONGEST: u64 = 10_000;

/// The exchanges, newest first: stored, under way, or on their way to the store. A search that takes longer than `within`
/// answers with fewer; `next_before` (`next_after`, with `after`) is where it goes on. One whose caller goes away stops. With
/// `sort`, the first ones of another order.
#[utoipa::path(
    get,
    path = "/exchanges",
    operation_id = "exchanges",
    params(Page),
    responses((status = OK, body = Summaries), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    State(app): State<App>,
    Query(page): Query<Page>,
) -> Result<Json<Summaries>, ApiError> {
    let limit = Limit::new(page.limit)?;
    let filter = filter::read(&app, page.filter.as_deref()).await?;
    let within = page.within.unwrap_or(WITHIN);
    if !(SHORTEST..=LONGEST).contains(&within) {
        let message = format!("`within` is {SHORTEST} to {LONGEST} milliseconds.");
        return Err(ApiError::new(Code::BadRequest, message));
    }
    let within = Duration::from_millis(within);
    match page.order()? {
        Some(order) => {
            let place = page.from.as_deref().map(place).transpose()?;
            sorted(&app, &filter, (order, place), (limit, within)).await
        }
        None => by_number(&app, &filter, page.start(&app).await?, (limit, within)).await,
    }
}

async fn by_number(
    app: &App,
    filter: &Filter,
    start: Start,
    (limit, within): (Limit, Duration),
) -> Result<Json<Summaries>, ApiError> {
    // Where contents decide, it would take long to know whether there is a next page.
    let most = if filter.needs().intersects(Parts::CONTENTS) { limit.0 } else { limit.probe() };
    let mut listed = app.exchanges(filter, start, (most, within)).await?;
    let next = limit.cut(&mut listed.rows, |row| row.id.0).or(listed.left.map(|id| id.0));
    let (next_before, next_after) = match start {
        Start::Before(_) => (next, None),
        Start::After(_) => {
            listed.rows.reverse();
            (None, next)
        }
    };
    Ok(Json(Summaries {
        exchanges: listed.rows.into_iter().map(Summary::from).collect(),
        next_before,
        next_after,
        ends: app.ends().await?,
        search: listed.progress.map(SearchProgress::from),
        sorted: None,
    }))
}

async fn sorted(
    app: &App,
    filter: &Filter,
    (order, place): (Order, Option<Place>),
    (limit, within): (Limit, Duration),
) -> Result<Json<Summaries>, ApiError> {
    if filter.needs().intersects(Parts::CONTENTS) {
        let message = "A filter that looks into bodies or messages finds exchanges in the order of their numbers: \
            leave `sort` out.";
        return Err(ApiError::new(Code::Invalid, message));
    }
    let mut found = app.sorted(filter, (order, place), (limit.probe(), within)).await?;
    let more = found.rows.len() > limit.0 as usize;
    found.rows.truncate(limit.0 as usize);
    let next = found.rows.last().filter(|_| more).map(|row| order.place(row).to_string());
    let (looked_at, complete) = (found.cost.looked_at, found.cost.is_complete);
    Ok(Json(Summaries {
        exchanges: found.rows.into_iter().map(Summary::from).collect(),
        next_before: None,
        next_after: None,
        ends: app.ends().await?,
        search: None,
        sorted: Some(SortProgress { looked_at, complete, next }),
    }))
}

impl Page {
    /// The place from which the list is wanted, and its direction.
    async fn start(&self, app: &App) -> Result<Start, ApiError> {
        match (self.before, self.after, self.at.as_deref()) {
            (None, None, None) => Ok(Start::NEWEST),
            (Some(id), None, None) => Ok(Start::Before(ExchangeId(id))),
            (None, Some(id), None) => Ok(Start::After(ExchangeId(id))),
            (None, None, Some(at)) => {
                let moment = moment("at", at)?;
                let (stored, memory) = (
                    app.store.reader().first_behind(moment).await?,
                    app.recorder.list(None, usize::MAX, |_| true),
                );
                // One that is not stored yet and began in time is listed as well.
                let newest =
                    memory.iter().filter(|row| row.started_at <= moment).map(|row| row.id.0 + 1).max();
                Ok(Start::Before(ExchangeId(newest.unwrap_or(0).max(stored.0))))
            }
            _ => Err(ApiError::bad_request("Give one of `before`, `after` and `at`.")),
        }
    }

    /// The order that was asked for.
    fn order(&self) -> Result<Option<Order>, ApiError> {
        let Some(sort) = self.sort else {
            return match self.order.is_some() || self.from.is_some() {
                true => Err(ApiError::bad_request("`order` and `from` belong to `sort`.")),
                false => Ok(None),
            };
        };
        if self.before.or(self.after).is_some() || self.at.is_some() {
            return Err(ApiError::bad_request("`sort` goes with none of `before`, `after` and `at`."));
        }
        let by = match sort {
            Sort::Id => SortBy::Id,
            Sort::StartedAt => SortBy::StartedAt,
            Sort::Method => SortBy::Method,
            Sort::Host => SortBy::Host,
            Sort::Path => SortBy::Path,
            Sort::Status => SortBy::Status,
            Sort::Type => SortBy::Type,
            Sort::RequestSize => SortBy::RequestSize,
            Sort::ResponseSize => SortBy::ResponseSize,
            Sort::Duration => SortBy::Duration,
            Sort::Client => SortBy::Client,
            Sort::Program => SortBy::Program,
            Sort::Rule => SortBy::Rule,
            Sort::Tags => SortBy::Tags,
            Sort::GrpcStatus => SortBy::GrpcStatus,
        };
        Ok(Some(Order { by, descending: self.order != Some(Direction::Asc) }))
    }
}

fn place(from: &str) -> Result<Place, ApiError> {
    Place::parse(from).ok_or_else(|| ApiError::bad_request("`from` is `sorted.next` of the page before."))
}

impl App {
    /// The oldest exchange, and the newest one, wherever they are.
    async fn ends(&self) -> Result<Option<Ends>, ApiError> {
        let stored = self.store.reader().ends().await?;
        let most = if stored.is_some() { 1 } else { usize::MAX };
        let memory = self.recorder.list(None, most, |_| true);
        let newest = stored.map(|ends| ends.last.0).max(memory.first().map(|row| row.id.0));
        let oldest = stored.map(|ends| ends.first.0).or(memory.last().map(|row| row.id.0));
        Ok(oldest.zip(newest).map(|(first, last)| Ends { first, last }))
    }
}
