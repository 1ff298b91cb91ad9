//! Filters as rules would ask them: at the request's head, and at the end of an exchange.

use std::collections::BTreeMap;
use std::hint::black_box;

use anyhow::{Result, anyhow};
use dashcam_exchange::{Exchange, sample as exchanges};
use dashcam_filter::{Context, Facts, Filter, Moment};
use jiff::Zoned;

use crate::sample;

/// Rules of a service, most of which do not match.
const RULES: [&str; 20] = [
    "host:=api.example.com",
    "host:*.internal",
    "host:metrics.* path:/v1/push",
    "path:/health",
    "path:/healthz | path:/readyz",
    "path:/v1/orders/*",
    "method:OPTIONS",
    "method:PUT,PATCH,DELETE",
    "status:5xx",
    "status:404",
    "dur:>500ms",
    "ttfb:>1s",
    "size:>1MB",
    "is:error",
    "fail:upstream",
    "host:login.* -status:200",
    "header.x-debug:*",
    "type:image/*",
    "url:/\\/v\\d+\\/admin\\//",
    "query.debug:=1",
];

/// Asks 20 filters at two moments of an exchange.
pub(crate) fn run(times: u32) -> Result<()> {
    let (now, presets) = (Zoned::default(), BTreeMap::new());
    let context = Context { now: &now, presets: &presets };
    let read = |rule: &&str| Filter::parse(rule, &context).map_err(|error| anyhow!(error.render()));
    let rules = RULES.iter().map(read).collect::<Result<Vec<_>>>()?;
    let exchange =
        Exchange { request: sample::request(), response: Some(sample::response()), ..exchanges::exchange(1) };
    for _ in 0..times {
        for moment in [Moment::Request, Moment::End] {
            let facts = Facts::of_exchange(black_box(&exchange), moment);
            for rule in &rules {
                black_box(rule.evaluate(&facts));
            }
        }
    }
    Ok(())
}
