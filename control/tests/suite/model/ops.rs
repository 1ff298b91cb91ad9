//! Random steps of a run: rules, leases, steps of the budget, and exchanges.

use dashcam_control::Step;
use dashcam_exchange::{Exchange, Failure, Level, Side, Stage, State, sample};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::exchange;

pub(super) const FILTERS: [&str; 17] = [
    "",
    "host:a",
    "host:pay.*",
    "path:/health",
    "status:5xx",
    "status:404 | dur:>1s",
    "fail:*",
    "-status:200",
    "method:POST host:b",
    "client:10.0.0.1",
    "header.x-user:=u3",
    "dur:>1s -host:a",
    "listener:front path:/v1",
    "is:error",
    "ttfb:>400ms",
    "size:>1KB",
    "-host:b -fail:*",
];
pub(super) const SAMPLES: [Option<&str>; 6] =
    [None, None, Some("0%"), Some("100%"), Some("50% by header x-user"), Some("30% by client")];
pub(super) const LEVELS: [Level; 4] = Level::ALL;
pub(super) const HOSTS: [&str; 3] = ["a", "b", "pay.example"];
pub(super) const PATHS: [&str; 3] = ["/", "/health", "/v1/42"];

/// A rule as a test makes it: its numbers in the lists above.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    pub(super) filter: usize,
    pub(super) level: usize,
    pub(super) sample: usize,
    pub(super) follows: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    pub(super) host: usize,
    pub(super) path: usize,
    pub(super) post: bool,
    pub(super) user: u8,
    pub(super) client: u8,
    /// The response's status; none if it fails.
    pub(super) status: Option<u16>,
    pub(super) ms: i64,
    pub(super) size: u64,
}

#[derive(Debug, Clone)]
pub(super) enum Op {
    Rules(Vec<Made>, usize),
    Lease(i64, Made, u64),
    EndLease(i64),
    Step(Step),
    Flight(bool),
    Begin(Request),
    /// The response of an exchange under way, by its place.
    Respond(prop::sample::Index),
    End(prop::sample::Index),
}

fn made() -> impl Strategy<Value = Made> {
    let numbers = (0..FILTERS.len(), 0..LEVELS.len(), 0..SAMPLES.len(), prop::bool::weighted(0.15));
    numbers.prop_map(|(filter, level, sample, follows)| Made { filter, level, sample, follows })
}

fn request() -> impl Strategy<Value = Request> {
    let status = prop::sample::select(vec![Some(200), Some(200), Some(404), Some(503), None]);
    let ms = prop::sample::select(vec![1, 900, 2500]);
    let size = prop::sample::select(vec![0, 5000]);
    let numbers = (0..HOSTS.len(), 0..PATHS.len(), any::<bool>(), 0..6_u8, 1..4_u8);
    (numbers, status, ms, size).prop_map(|((host, path, post, user, client), status, ms, size)| Request {
        host,
        path,
        post,
        user,
        client,
        status,
        ms,
        size,
    })
}

pub(super) fn op() -> impl Strategy<Value = Op> {
    let step = prop::sample::select(vec![Step::Full, Step::Full, Step::Heads, Step::Metrics]);
    prop_oneof![
        2 => (prop::collection::vec(made(), 0..5), 0..LEVELS.len()).prop_map(|(rules, level)| Op::Rules(rules, level)),
        1 => (0..3_i64, made(), 0..5_u64).prop_map(|(id, made, most)| Op::Lease(id, made, most)),
        1 => (0..3_i64).prop_map(Op::EndLease),
        1 => step.prop_map(Op::Step),
        1 => any::<bool>().prop_map(Op::Flight),
        12 => request().prop_map(Op::Begin),
        8 => any::<prop::sample::Index>().prop_map(Op::Respond),
        8 => any::<prop::sample::Index>().prop_map(Op::End),
    ]
}

impl Made {
    pub(super) fn json(&self, name: &str) -> Value {
        let mut json = json!({"name": name, "match": FILTERS[self.filter], "level": LEVELS[self.level]});
        if let Some(sample) = SAMPLES[self.sample] {
            json["sample"] = sample.into();
        }
        if self.follows {
            json["follow"] = "client 30s".into();
        }
        json
    }
}

impl Request {
    pub(super) fn whole(&self) -> Exchange {
        let mut whole = exchange(HOSTS[self.host], PATHS[self.path], self.status.unwrap_or(200), self.ms);
        let method = if self.post { "POST" } else { "GET" };
        whole.request = sample::request(method, PATHS[self.path], &[("X-User", &format!("u{}", self.user))]);
        (whole.response_body.size, whole.response_body.stored) = (self.size, self.size);
        if self.status.is_none() {
            (whole.response, whole.state) = (None, State::Failed);
            whole.timings.response_start_us = None;
            whole.failure = Some(Failure::new(Side::Upstream, Stage::Connect, "refused"));
        }
        whole
    }
}
