//! Every sample, for programs.

use anyhow::Result;
use serde_json::{Map, Value, json};

use super::Report;
use super::goals;
use crate::options::Options;
use crate::sample::Sample;

pub(super) fn json(report: &Report, options: &Options, machine: &[(String, String)]) -> Result<String> {
    let machine: Map<String, Value> =
        machine.iter().map(|(name, fact)| (name.clone(), fact.as_str().into())).collect();
    let builds = options.builds.iter().map(|build| build.name.as_str());
    let goals: Vec<Value> = builds.flat_map(|build| goals::json(&report.samples, build)).collect();
    let all = json!({
        "machine": machine,
        "settings": { "rounds": options.rounds, "seconds": options.seconds, "smoke": options.smoke },
        "goals": goals,
        "samples": report.samples.iter().map(sample).collect::<Vec<_>>(),
        "notes": report.notes,
    });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}

fn sample(sample: &Sample) -> Value {
    json!({
        "case": sample.case,
        "contender": sample.contender,
        "build": sample.build,
        "variant": sample.variant,
        "round": sample.round,
        "figures": sample.figures,
    })
}
