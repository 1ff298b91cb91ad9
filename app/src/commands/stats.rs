//! `dashcam stats`: figures of the exchanges that match a filter, by group and by time.

use std::path::PathBuf;

use anyhow::Result;
use dashcam_store::By;
use dashcam_views::dto::{self, Group};
use dashcam_views::figures::{Grouping, Stat};
use serde_json::{Value, json};

use crate::cli::{Bys, Stats, StatsArgs};
use crate::figures::amounts::{moment, number, percent, rate};
use crate::figures::{Cell, Column, Question, Record, Table, show};
use crate::home::Home;
use crate::row::{duration, size};
use crate::terminal::{Color, columns, is_colored};

/// The name of the group that all others make.
const OTHERS: &str = "(all others)";
/// Stands for a value that an exchange does not have.
const NONE: &str = "\u{2013}";

/// Shows the figures.
pub(crate) async fn stats(home: &Home, db: Option<PathBuf>, args: StatsArgs) -> Result<()> {
    let by =
        args.by.map_or_else(|| if args.every.is_some() { Vec::new() } else { vec![By::Host] }, |Bys(by)| by);
    let Stats(stats) = args.stat;
    let grouping = Grouping { by, stats, every: args.every, most: args.number as usize };
    let question = Question {
        path: "/exchanges/stats",
        filter: &args.filter,
        parameters: parameters(&grouping),
        time_limit: args.form.time_limit,
    };
    let answer: dto::Stats =
        question.answer((home, db), async |counting| Ok(counting.stats(&grouping).await?)).await?;
    let names = members(&answer, &grouping.stats);
    let records = answer.groups.iter().map(|group| record(&answer, group, &names));
    show(&args.form, &answer.covered, &names, records, || tables(&answer, &grouping.stats, args.every))
}

fn parameters(grouping: &Grouping) -> Vec<(&'static str, String)> {
    let by: Vec<_> = grouping.by.iter().map(|by| by.as_str()).collect();
    let stats: Vec<_> = grouping.stats.iter().map(|stat| stat.as_str()).collect();
    let every = grouping.every.map(|every| ("every", format!("{}us", every.as_micros())));
    let always = [("by", by.join(",")), ("stat", stats.join(",")), ("limit", grouping.most.to_string())];
    always.into_iter().chain(every).collect()
}

/// The members of a record.
fn members(answer: &dto::Stats, stats: &[Stat]) -> Vec<&'static str> {
    let time = answer.every_us.map(|_| "from");
    let figures = stats.iter().flat_map(|stat| -> &[&str] {
        match stat {
            Stat::Count => &["count"],
            Stat::Rate => &["rate"],
            Stat::Errors => &["errors"],
            Stat::P50 => &["p50_us"],
            Stat::P95 => &["p95_us"],
            Stat::P99 => &["p99_us"],
            Stat::Max => &["max_us"],
            Stat::Bytes => &["bytes", "request_bytes", "response_bytes"],
        }
    });
    let names = time.into_iter().chain(answer.by.iter().map(|by| by.as_str())).chain(figures.copied());
    names.chain(["others", "complete"]).collect()
}

/// A group for a program.
fn record(answer: &dto::Stats, group: &Group, members: &[&'static str]) -> Record {
    let figures = serde_json::to_value(group).unwrap_or_default();
    let value = |name: &str| match answer.by.iter().position(|by| by.as_str() == name) {
        Some(at) => value_of(answer.by[at], group.key.as_ref().and_then(|key| key[at].as_deref())),
        None if name == "others" => json!(group.key.is_none()),
        None if name == "complete" => json!(answer.covered.complete),
        None => figures[name].clone(),
    };
    Record(members.iter().map(|name| (*name, value(name))).collect())
}

/// A value for a program; statuses are numbers.
pub(super) fn value_of(by: dto::By, value: Option<&str>) -> Value {
    match value {
        Some(status) if by == dto::By::Status => {
            status.parse::<u16>().map_or(json!(status), |status| json!(status))
        }
        other => json!(other),
    }
}

fn tables(answer: &dto::Stats, stats: &[Stat], asked: Option<std::time::Duration>) -> String {
    let mut names: Vec<_> = answer.every_us.map(|_| Column::Number("TIME".to_owned())).into_iter().collect();
    names.extend(answer.by.iter().map(|by| Column::Text(by.as_str().to_uppercase())));
    names.extend(stats.iter().map(|stat| Column::Number(stat.as_str().to_uppercase())));
    let mut table = Table::new(names);
    for group in &answer.groups {
        let time = group.from.zip(answer.every_us).map(|(from, every)| moment(from, every));
        let key: Vec<String> = match &group.key {
            Some(key) => key.iter().map(|value| value.clone().unwrap_or_else(|| NONE.to_owned())).collect(),
            None => (0..answer.by.len()).map(|at| if at == 0 { OTHERS } else { "" }.to_owned()).collect(),
        };
        let texts = time.into_iter().chain(key).map(|text| Cell(text, None));
        table.push(texts.chain(stats.iter().map(|stat| figure(group, *stat))).collect());
    }
    table.lines(columns(), is_colored()) + &notes(answer, stats, asked)
}

/// Sentences about the figures themselves.
fn notes(answer: &dto::Stats, stats: &[Stat], asked: Option<std::time::Duration>) -> String {
    let mut notes = String::new();
    if let Some((asked, every)) = asked.zip(answer.every_us)
        && asked.as_micros() != u128::from(every)
    {
        let every = duration(i64::try_from(every).unwrap_or(i64::MAX));
        notes += &format!("\nThat would be too many lines: each covers {every}.");
    }
    if !answer.exact {
        notes += "\nThere are more than 5,000 groups: a large one that the newest exchanges are not in may be missing.";
    }
    let has_quantiles = stats.iter().any(|stat| matches!(stat, Stat::P50 | Stat::P95 | Stat::P99));
    if has_quantiles && answer.groups.iter().any(|group| !group.exact) {
        notes += "\nWhere more than 64 exchanges have ended, P50, P95 and P99 are up to 3.2 % too high.";
    }
    if notes.is_empty() { notes } else { notes + "\n" }
}

/// A figure for people.
fn figure(group: &Group, stat: Stat) -> Cell {
    let none = || NONE.to_owned();
    let time = |us: Option<i64>| Cell(us.map_or_else(none, duration), None);
    match stat {
        Stat::Count => Cell(group.count.map_or_else(none, number), None),
        Stat::Rate => Cell(group.rate.map_or_else(none, rate), None),
        Stat::Errors => match (group.errors, group.count) {
            (Some(0), _) => Cell("0".to_owned(), None),
            (Some(errors), Some(count)) => {
                Cell(format!("{} ({})", number(errors), percent(errors, count)), Some(Color::Red))
            }
            (errors, _) => Cell(errors.map_or_else(none, number), Some(Color::Red)),
        },
        Stat::P50 => time(group.p50_us),
        Stat::P95 => time(group.p95_us),
        Stat::P99 => time(group.p99_us),
        Stat::Max => time(group.max_us),
        Stat::Bytes => Cell(group.bytes.map_or_else(none, size), None),
    }
}
