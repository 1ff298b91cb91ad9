//! Rules of a service that is looked after: most of them do not match what it is asked for.

use anyhow::{Context as _, Result};
use dashcam_control::{Guarantee, Rule, Settings};
use dashcam_exchange::Level;

/// Name, filter and level. By destination, by the request's head, by the response's, and at the end.
const RULES: [(&str, &str, Level); 20] = [
    ("bank", "host:bank.example,*.bank.example", Level::Off),
    ("internal", "host:*.internal", Level::Off),
    ("push", "host:metrics.* path:/v1/push", Level::Metrics),
    ("health", "path:/health", Level::Metrics),
    ("probes", "path:=/livez,=/readyz", Level::Metrics),
    ("options", "method:OPTIONS", Level::Metadata),
    ("uploads", "method:PUT,PATCH header.content-type:application/octet-stream", Level::Metadata),
    ("static", "path:*.js,*.css,*.png,*.woff2", Level::Metrics),
    ("login", "host:login.* path:/oauth/token", Level::Metadata),
    ("pay", "host:pay.example path:/v1/charges*", Level::Full),
    ("debug", "header.x-debug:*", Level::Full),
    ("tester", "cookie.tester:=1", Level::Full),
    ("office", "client:10.20.0.0/16", Level::Full),
    ("staging", "listener:staging", Level::Full),
    ("beta", "path:/beta/*", Level::Full),
    ("legacy", "host:legacy.example status:4xx", Level::Full),
    ("admin", "path:/v1/admin/*", Level::Full),
    ("errors", "status:5xx", Level::Full),
    ("slow", "dur:>1s", Level::Full),
    ("failed", "fail:*", Level::Full),
];

/// The rules, and the level `full` for all that they leave.
pub(crate) fn settings() -> Result<Settings> {
    with(RULES.iter().map(|(name, filter, level)| rule(name, filter, *level)).collect())
}

/// One rule at `full` with `filter`, and that level for all that it leaves.
pub(crate) fn one(filter: &str) -> Result<Settings> {
    with(vec![rule("one", filter, Level::Full)])
}

fn rule(name: &str, filter: &str, level: Level) -> Rule {
    Rule {
        name: name.to_owned(),
        filter: filter.to_owned(),
        level,
        sample: None,
        body_limit: None,
        guarantee: Guarantee::default(),
        keep_for: None,
        follow: None,
        redaction: None,
    }
}

fn with(rules: Vec<Rule>) -> Result<Settings> {
    let settings = Settings { rules, ..Settings::default() };
    settings.checked().context("the rules of the benchmark")
}
