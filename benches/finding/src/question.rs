//! The questions, of a few kinds, drawn at random and the same on each run.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::body;
use crate::random::Random;
use crate::traffic::{self, Traffic};

/// Rows of a page.
pub(crate) const PAGE: u32 = 200;
const SEED: u64 = 0xa5c;

/// A kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The newest page.
    Newest,
    /// Host, status and a range of time: any page, forwards and back.
    Range,
    /// A regular expression on the URL: the first page.
    Url,
    /// The same: how many there are of all.
    Count,
    /// The most frequent hosts, statuses and types, and a histogram, of those with an error.
    Facets,
    /// The value of a header: the first page.
    Header,
    /// A value at a path of the response's JSON: the first exchange.
    Json,
    /// A text that one response has.
    Body,
}

/// One question.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) kind: Kind,
    pub(crate) host: String,
    pub(crate) status: u16,
    /// Unix microseconds.
    pub(crate) from: i64,
    pub(crate) until: i64,
    /// A regular expression for a piece of a target.
    pub(crate) expression: String,
    /// The value of `X-Tenant`.
    pub(crate) tenant: String,
    /// The first item of a response.
    pub(crate) sku: String,
    /// A text in one body.
    pub(crate) text: String,
    /// The page begins below (or above) this exchange.
    pub(crate) at: i64,
    pub(crate) forwards: bool,
}

impl Kind {
    /// The words for it in tables.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Newest => "newest page",
            Self::Range => "host, status and time range, any page",
            Self::Url => "regular expression on the URL, first page",
            Self::Count => "the same, exact count",
            Self::Facets => "facets and histogram of errors",
            Self::Header => "header value, first page",
            Self::Json => "JSON-path value of a response, first hit",
            Self::Body => "text in a body, the only hit",
        }
    }
}

impl Question {
    /// Question `number` about `exchanges` that are stored.
    pub(crate) fn draw(kind: Kind, number: u64, exchanges: u64, traffic: &Traffic) -> Self {
        let mut random = Random::of(SEED + kind as u64, number);
        let day = traffic::DAYS * 86_400_000_000;
        let from = traffic::BEGIN + random.below(day.unsigned_abs() / 2) as i64;
        let until = from + random.spread(3.6e9, day as f64 / 2.0) as i64;
        let path = ["orders", "users", "carts", "stock", "payments"][random.below(5) as usize];
        Self {
            kind,
            host: traffic.random_host(&mut random),
            status: Traffic::random_status(&mut random),
            from,
            until,
            expression: format!("{path}/{}[0-9]*{}", random.below(1000), random.below(10)),
            tenant: traffic.random_tenant(&mut random),
            sku: format!("A-{}", random.below(body::ITEMS)),
            text: answered(&mut random, exchanges, traffic),
            at: 1 + random.below(exchanges) as i64,
            forwards: random.permille(500),
        }
    }
}

/// The text that only the body of some response has.
fn answered(random: &mut Random, exchanges: u64, traffic: &Traffic) -> String {
    loop {
        let id = 1 + random.below(exchanges);
        if traffic.exchange(id).response_body.size > 0 {
            return body::reference(id);
        }
    }
}
