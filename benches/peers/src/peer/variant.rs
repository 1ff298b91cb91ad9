//! dashcams that record in other ways than by a level alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

/// Nothing is recorded but by the flight recorder.
pub(crate) const FLIGHT: &str = "flight";
/// All is recorded, behind 20 rules that match nothing of what passes.
pub(crate) const RULES: &str = "full-20-rules";
/// All is recorded, by a rule that waits for room.
pub(crate) const BOUNDED: &str = "bounded-5ms";
/// All is recorded, by a rule that waits for the disk.
pub(crate) const LOSSLESS: &str = "lossless";
/// All is recorded, within a budget that is never used up.
pub(crate) const BUDGET: &str = "full-budget";

/// Matches and levels of rules: by destination, by the request's head, by the response's, and at the end.
const TWENTY: [(&str, &str); 20] = [
    ("host:bank.example,*.bank.example", "off"),
    ("host:*.internal", "off"),
    ("host:metrics.* path:/v1/push", "metrics"),
    ("path:/health", "metrics"),
    ("path:=/livez,=/readyz", "metrics"),
    ("method:OPTIONS", "metadata"),
    ("method:PUT,PATCH header.content-type:application/octet-stream", "metadata"),
    ("path:*.js,*.css,*.png,*.woff2", "metrics"),
    ("host:login.* path:/oauth/token", "metadata"),
    ("host:pay.example path:/v1/charges*", "full"),
    ("header.x-debug:*", "full"),
    ("cookie.tester:=1", "full"),
    ("client:10.20.0.0/16", "full"),
    ("listener:staging", "full"),
    ("path:/beta/*", "full"),
    ("host:legacy.example status:4xx", "full"),
    ("path:/v1/admin/*", "full"),
    ("status:5xx", "full"),
    ("dur:>1s", "full"),
    ("fail:*", "full"),
];

/// Makes `command` record as the variant says, whose config goes to `home`; returns the level for all else.
pub(super) fn apply<'a>(variant: &'a str, command: &mut Command, home: &Path) -> Result<&'a str> {
    let config = home.join("config.toml");
    // Another contender may have had the same home.
    if config.exists() {
        fs::remove_file(&config)?;
    }
    let rules: String = match variant {
        FLIGHT => {
            // Triggers that look at each exchange, and are not set off: a snapshot is not what this measures.
            command.args(["--flight", "60s,256MB", "--flight-on", "status:5xx", "--flight-slow", "1000x"]);
            return Ok("metrics");
        }
        BUDGET => {
            command.args(["--budget", "cpu=100%,memory=1GB,disk=100GB"]);
            return Ok("full");
        }
        RULES => {
            let numbered = TWENTY.iter().enumerate();
            numbered
                .map(|(number, (filter, level))| rule(&format!("rule-{number}"), filter, level, ""))
                .collect()
        }
        BOUNDED => rule("all", "", "full", "guarantee = \"bounded 5ms\"\n"),
        LOSSLESS => rule("all", "", "full", "guarantee = \"lossless\"\n"),
        level => return Ok(level),
    };
    fs::create_dir_all(home)?;
    fs::write(config, rules)?;
    Ok("full")
}

fn rule(name: &str, filter: &str, level: &str, more: &str) -> String {
    format!("[[rules]]\nname = \"{name}\"\nmatch = \"{filter}\"\nlevel = \"{level}\"\n{more}\n")
}
