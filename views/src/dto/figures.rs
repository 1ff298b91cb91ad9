//! Figures about the exchanges that match a filter, as the API shows them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::covered::Covered;
use super::time::Time;

/// How many exchanges match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExchangeCount {
    /// How many there are, of those that were looked at.
    pub count: u64,
    /// How many of them failed, or were answered with 5xx: `fail:* | status:5xx` in a filter.
    pub errors: u64,
    /// Its coverage, and its cost.
    pub covered: Covered,
}

/// The most frequent values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Facets {
    /// In the order in which they were asked for.
    pub facets: Vec<Facet>,
    /// Their coverage, and their cost.
    pub covered: Covered,
}

/// The most frequent values of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Facet {
    /// The kind of value.
    pub by: By,
    /// Values, the most frequent first.
    pub values: Vec<FacetValue>,
    /// How many exchanges have other values.
    pub others: u64,
    /// False if there are so many different values (50,000) that some were not told apart: a frequent one may be missing that
    /// the newest exchanges do not have.
    pub exact: bool,
}

/// A value, and how many exchanges have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FacetValue {
    /// The value; null for exchanges that have none, as those without a response have no status.
    #[schema(required)]
    pub value: Option<String>,
    /// How many exchanges.
    pub count: u64,
}

/// Exchanges over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Histogram {
    /// The time that a bucket covers.
    pub every_us: u64,
    /// Buckets, the earliest first, without holes.
    pub buckets: Vec<Bucket>,
    /// Their coverage, and their cost.
    pub covered: Covered,
}

/// The exchanges that began in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Bucket {
    /// Its beginning: a multiple of the bucket's width, counted from 1970 in UTC.
    pub from: Time,
    /// How many there are.
    pub count: u64,
    /// How many of them failed, or were answered with 5xx.
    pub errors: u64,
}

/// Figures of groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Stats {
    /// The values by which exchanges are grouped: the members of each `key`.
    pub by: Vec<By>,
    /// The time that a group is about, if it was asked for; longer than that if there would have been too many.
    #[schema(required)]
    pub every_us: Option<u64>,
    /// By time, and then those with the most exchanges first; all other groups last.
    pub groups: Vec<Group>,
    /// False if there are so many different groups (5,000) that some were not told apart: a large one may be missing that
    /// the newest exchanges are not in.
    pub exact: bool,
    /// Their coverage, and their cost.
    pub covered: Covered,
}

/// Figures of a group. Those that nobody asked for are null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    /// The values, null where an exchange has none; null altogether for all groups that are left out.
    #[schema(required)]
    pub key: Option<Vec<Option<String>>>,
    /// The beginning of the time that it is about, if that was asked for.
    #[schema(required)]
    pub from: Option<Time>,
    /// How many exchanges there are.
    #[schema(required)]
    pub count: Option<u64>,
    /// How many there are in a second, over the whole time that the group is about; null as well if that is no time.
    #[schema(required)]
    pub rate: Option<f64>,
    /// How many of them failed, or were answered with 5xx: `fail:* | status:5xx` in a filter.
    #[schema(required)]
    pub errors: Option<u64>,
    /// Microseconds from start to end that half of those that have ended do not exceed (nearest rank); null as well if none
    /// has.
    #[schema(required)]
    pub p50_us: Option<i64>,
    /// The same of 95 in a hundred.
    #[schema(required)]
    pub p95_us: Option<i64>,
    /// The same of 99 in a hundred.
    #[schema(required)]
    pub p99_us: Option<i64>,
    /// The longest time that one took.
    #[schema(required)]
    pub max_us: Option<i64>,
    /// Bytes of bodies that passed, both ways.
    #[schema(required)]
    pub bytes: Option<u64>,
    /// Those of requests.
    #[schema(required)]
    pub request_bytes: Option<u64>,
    /// Those of responses.
    #[schema(required)]
    pub response_bytes: Option<u64>,
    /// False if `p50_us`, `p95_us` and `p99_us` may be up to 3.2 % too high, as more than 64 exchanges have ended.
    pub exact: bool,
}

/// The hosts, and below them their paths segment by segment with ids folded, of those branches that were asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PathTree {
    /// The hosts first, and then what was asked for, in that order.
    pub branches: Vec<PathBranch>,
    /// Their coverage, and their cost.
    pub covered: Covered,
}

/// The nodes below one place of the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PathBranch {
    /// The place: empty for the hosts, else a host with the folded beginning of a path: `api.example.com/v1/orders/{id}`.
    pub place: String,
    /// Those with the most exchanges, these first.
    pub nodes: Vec<PathNode>,
    /// How many other nodes there are.
    pub more: u64,
    /// Exchanges at or below those.
    pub others: u64,
    /// False if there are so many nodes (5,000 in all branches) that some were not told apart: `more` leaves them out.
    pub exact: bool,
}

/// A host, or a segment of paths, with the figures of the exchanges there and below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PathNode {
    /// The host, or the segment: `{id}` for ids, empty behind the slash at a path's end.
    pub name: String,
    /// True if there are segments below it.
    pub has_nodes: bool,
    /// How many exchanges there are.
    pub count: u64,
    /// How many of them failed, or were answered with 5xx.
    pub errors: u64,
    /// Microseconds from start to end that 95 in a hundred of those that have ended do not exceed; null if none has.
    #[schema(required)]
    pub p95_us: Option<i64>,
}

/// A value by which exchanges are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
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
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        dashcam_store::By::from(self).as_str()
    }
}

macro_rules! same_variants {
    ($($variant:ident),*) => {
        impl From<dashcam_store::By> for By {
            fn from(by: dashcam_store::By) -> Self {
                match by { $(dashcam_store::By::$variant => Self::$variant),* }
            }
        }

        impl From<By> for dashcam_store::By {
            fn from(by: By) -> Self {
                match by { $(By::$variant => Self::$variant),* }
            }
        }
    };
}

same_variants!(Host, Path, Method, Status, Type, State, Failure, Rule, Client, Program);

impl From<dashcam_store::Facet> for Facet {
    fn from(facet: dashcam_store::Facet) -> Self {
        let values = facet.values.into_iter().map(|(value, count)| FacetValue { value, count }).collect();
        Self { by: facet.by.into(), values, others: facet.others, exact: facet.is_exact }
    }
}

impl From<dashcam_store::Bucket> for Bucket {
    fn from(bucket: dashcam_store::Bucket) -> Self {
        Self { from: bucket.from.into(), count: bucket.exchanges, errors: bucket.errors }
    }
}

impl From<dashcam_store::Branch> for PathBranch {
    fn from(branch: dashcam_store::Branch) -> Self {
        let node = |node: dashcam_store::TreeNode| PathNode {
            name: node.name,
            has_nodes: node.has_nodes,
            count: node.figures.exchanges,
            errors: node.figures.errors,
            p95_us: node.figures.p95,
        };
        Self {
            place: branch.place,
            nodes: branch.nodes.into_iter().map(node).collect(),
            more: branch.more,
            others: branch.others,
            exact: branch.is_exact,
        }
    }
}
