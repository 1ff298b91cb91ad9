//! Figures about the exchanges that match a filter.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use dashcam_store::By;
use dashcam_views::dto::{ExchangeCount, Facets, Histogram, Stats};
use dashcam_views::figures::{self, Counting, Grouping, Stat, bys, every, stats, time_limit};
use serde::Deserialize;

use crate::api::{Limit, Query};
use crate::app::App;
use crate::error::{ApiError, ErrorBody};
use crate::filter;

/// How long an answer may take unless the caller says so.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// Values of a facet that are shown unless the caller says how many.
const VALUES: u32 = 10;

/// The facets that are shown unless the caller names others.
const FACETS: [By; 5] = [By::Host, By::Path, By::Status, By::Type, By::Client];

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// A filter, in the language of `docs/FILTERS.md`.
    filter: Option<String>,
    /// How long it may take, such as `500ms` or `1m`; `10s` by default, at most `10m`.
    time_limit: Option<String>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WhichFacets {
    /// A filter, in the language of `docs/FILTERS.md`.
    filter: Option<String>,
    /// Some of `host`, `path`, `method`, `status`, `type`, `state`, `failure`, `rule`, `client`, `program`, with commas
    /// between them; by default `host,path,status,type,client`.
    by: Option<String>,
    /// How many values of each: 1 to 1000, 10 by default.
    limit: Option<u32>,
    /// How long it may take, such as `500ms` or `1m`; `10s` by default, at most `10m`.
    time_limit: Option<String>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WhichTimes {
    /// A filter, in the language of `docs/FILTERS.md`.
    filter: Option<String>,
    /// The time that a bucket covers, such as `1m`; by default what makes about sixty buckets.
    every: Option<String>,
    /// How long it may take, such as `500ms` or `1m`; `10s` by default, at most `10m`.
    time_limit: Option<String>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WhichGroups {
    /// A filter, in the language of `docs/FILTERS.md`.
    filter: Option<String>,
    /// Some of `host`, `path`, `method`, `status`, `type`, `state`, `failure`, `rule`, `client`, `program`, with commas
    /// between them; by default all exchanges are one group.
    by: Option<String>,
    /// Some of `count`, `rate`, `errors`, `p50`, `p95`, `p99`, `max`, `bytes`, with commas between them; all by default.
    stat: Option<String>,
    /// The time that a group is about, such as `1m`; by default all of it.
    every: Option<String>,
    /// How many groups, those with the most exchanges: 1 to 1000, 100 by default. All others are one group.
    limit: Option<u32>,
    /// How long it may take, such as `500ms` or `1m`; `10s` by default, at most `10m`.
    time_limit: Option<String>,
}

/// How many exchanges match a filter.
#[utoipa::path(
    get,
    path = "/exchanges/count",
    operation_id = "exchanges_count",
    params(Which),
    responses((status = OK, body = ExchangeCount), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn count(
    State(app): State<App>,
    Query(which): Query<Which>,
) -> Result<Json<ExchangeCount>, ApiError> {
    let counting = counting_of(&app, which.filter.as_deref(), which.time_limit.as_deref()).await?;
    Ok(Json(counting.count().await?))
}

/// The most frequent hosts, paths, statuses, types and clients of the exchanges that match a filter.
#[utoipa::path(
    get,
    path = "/exchanges/facets",
    operation_id = "exchanges_facets",
    params(WhichFacets),
    responses((status = OK, body = Facets), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn facets(
    State(app): State<App>,
    Query(which): Query<WhichFacets>,
) -> Result<Json<Facets>, ApiError> {
    let by = read("by", which.by.as_deref(), figures::facets)?.unwrap_or_else(|| FACETS.to_vec());
    let Limit(most) = Limit::new(Some(which.limit.unwrap_or(VALUES)))?;
    let counting = counting_of(&app, which.filter.as_deref(), which.time_limit.as_deref()).await?;
    Ok(Json(counting.facets(&by, most as usize).await?))
}

/// How many exchanges that match a filter began in each stretch of time, and how many of them went wrong.
#[utoipa::path(
    get,
    path = "/exchanges/histogram",
    operation_id = "exchanges_histogram",
    params(WhichTimes),
    responses((status = OK, body = Histogram), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn histogram(
    State(app): State<App>,
    Query(which): Query<WhichTimes>,
) -> Result<Json<Histogram>, ApiError> {
    let every = read("every", which.every.as_deref(), every)?;
    let counting = counting_of(&app, which.filter.as_deref(), which.time_limit.as_deref()).await?;
    Ok(Json(counting.histogram(every).await?))
}

/// Counts, rates, errors, durations and bytes of the exchanges that match a filter, by group and by time.
#[utoipa::path(
    get,
    path = "/exchanges/stats",
    operation_id = "exchanges_stats",
    params(WhichGroups),
    responses((status = OK, body = Stats), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn groups(
    State(app): State<App>,
    Query(which): Query<WhichGroups>,
) -> Result<Json<Stats>, ApiError> {
    let all = || Stat::ALL.map(|(stat, _)| stat).to_vec();
    let Limit(most) = Limit::new(which.limit)?;
    let grouping = Grouping {
        by: read("by", which.by.as_deref(), bys)?.unwrap_or_default(),
        stats: read("stat", which.stat.as_deref(), stats)?.unwrap_or_else(all),
        every: read("every", which.every.as_deref(), every)?,
        most: most as usize,
    };
    let counting = counting_of(&app, which.filter.as_deref(), which.time_limit.as_deref()).await?;
    Ok(Json(counting.stats(&grouping).await?))
}

pub(super) async fn counting_of(
    app: &App,
    filter: Option<&str>,
    limit: Option<&str>,
) -> Result<Counting, ApiError> {
    let limit = read("time_limit", limit, time_limit)?.unwrap_or(TIME_LIMIT);
    let filter = filter::read(app, filter).await?;
    app.counting(filter, limit).await
}

/// The value of a parameter; the error names it.
fn read<T>(
    name: &str,
    text: Option<&str>,
    parse: fn(&str) -> Result<T, String>,
) -> Result<Option<T>, ApiError> {
    let read = text.map(parse).transpose();
    read.map_err(|error| ApiError::bad_request(format!("{name}: {error}")))
}
