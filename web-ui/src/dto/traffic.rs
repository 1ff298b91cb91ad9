//! The counts of the traffic, whether it was recorded or not.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Counts of what passed since the start while the level was above `off`; `/metrics` has more. Replays are not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Traffic {
    /// Requests that began and have not ended.
    pub in_progress: u64,
    /// Requests that ended.
    pub requests: Outcomes,
    /// Bytes of requests' bodies.
    pub request_bytes: u64,
    /// Bytes of responses' bodies.
    pub response_bytes: u64,
    /// From a request's head to its response's head.
    pub to_head: Latency,
    /// From a request's head to its response's end.
    pub to_end: Latency,
}

/// How requests ended; `total` is the sum of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Outcomes {
    /// All that ended.
    pub total: u64,
    /// Upgraded connections that were closed.
    pub status_1xx: u64,
    /// With a whole response of that class, and so on.
    pub status_2xx: u64,
    /// Redirections and the like.
    pub status_3xx: u64,
    /// The client's fault, as the upstream says.
    pub status_4xx: u64,
    /// The upstream's own fault.
    pub status_5xx: u64,
    /// With a status that is in no class.
    pub status_other: u64,
    /// Without a whole response: the upstream could not be reached, or broke off.
    pub failed: u64,
    /// Refused by dashcam itself.
    pub refused: u64,
    /// Left by the client.
    pub aborted: u64,
}

/// Quantiles of a duration in microseconds, within an eighth; null if there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Latency {
    /// Of so many.
    pub count: u64,
    /// The median.
    #[schema(required)]
    pub p50_us: Option<i64>,
    /// 90 % took no longer.
    #[schema(required)]
    pub p90_us: Option<i64>,
    /// 99 % took no longer.
    #[schema(required)]
    pub p99_us: Option<i64>,
    /// 99.9 % took no longer.
    #[schema(required)]
    pub p999_us: Option<i64>,
}

impl From<&dashcam_proxy::Traffic> for Traffic {
    fn from(traffic: &dashcam_proxy::Traffic) -> Self {
        Self {
            in_progress: traffic.in_progress(),
            requests: traffic.outcomes.into(),
            request_bytes: traffic.request_bytes,
            response_bytes: traffic.response_bytes,
            to_head: (&traffic.to_head).into(),
            to_end: (&traffic.to_end).into(),
        }
    }
}

impl From<dashcam_proxy::Outcomes> for Outcomes {
    fn from(outcomes: dashcam_proxy::Outcomes) -> Self {
        let [status_1xx, status_2xx, status_3xx, status_4xx, status_5xx, status_other] = outcomes.complete;
        let dashcam_proxy::Outcomes { failed, refused, aborted, .. } = outcomes;
        Self {
            total: outcomes.ended(),
            status_1xx,
            status_2xx,
            status_3xx,
            status_4xx,
            status_5xx,
            status_other,
            failed,
            refused,
            aborted,
        }
    }
}

impl From<&dashcam_proxy::Latency> for Latency {
    fn from(latency: &dashcam_proxy::Latency) -> Self {
        let microseconds = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let quantile = |share| latency.quantile(share).map(microseconds);
        Self {
            count: latency.count(),
            p50_us: quantile(0.5),
            p90_us: quantile(0.9),
            p99_us: quantile(0.99),
            p999_us: quantile(0.999),
        }
    }
}
