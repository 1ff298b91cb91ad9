//! `dashcam facets`: the most frequent values among the exchanges that match a filter.

use std::path::PathBuf;

use anyhow::Result;
use dashcam_views::dto::{self, Facet};
use serde_json::json;

use super::stats::value_of;
use crate::cli::{Bys, FacetsArgs};
use crate::figures::amounts::{number, percent};
use crate::figures::{Cell, Column, Question, Record, Table, show};
use crate::home::Home;
use crate::terminal::{columns, is_colored};

/// The members of a record.
const MEMBERS: [&str; 5] = ["facet", "value", "count", "others", "complete"];

/// Shows the most frequent values of each kind.
pub(crate) async fn facets(home: &Home, db: Option<PathBuf>, args: FacetsArgs) -> Result<()> {
    let Bys(by) = &args.by;
    let names: Vec<_> = by.iter().map(|by| by.as_str()).collect();
    let question = Question {
        path: "/exchanges/facets",
        filter: &args.filter,
        parameters: vec![("by", names.join(",")), ("limit", args.number.to_string())],
        time_limit: args.form.time_limit,
    };
    let most = args.number as usize;
    let answer: dto::Facets =
        question.answer((home, db), async |counting| Ok(counting.facets(by, most).await?)).await?;
    let records = answer.facets.iter().flat_map(|facet| records(facet, answer.covered.complete));
    show(&args.form, &answer.covered, &MEMBERS, records, || {
        let tables = answer.facets.iter().map(|facet| table(facet, answer.covered.exchanges));
        tables.collect::<Vec<_>>().join("\n")
    })
}

/// A facet for a program: a record for each value, and one for all others.
fn records(facet: &Facet, complete: bool) -> Vec<Record> {
    let record = |value: serde_json::Value, count: u64, others: bool| {
        let values = [json!(facet.by.as_str()), value, json!(count), json!(others), json!(complete)];
        Record(MEMBERS.into_iter().zip(values).collect())
    };
    let values = facet.values.iter();
    let values = values.map(|found| record(value_of(facet.by, found.value.as_deref()), found.count, false));
    values.chain((facet.others > 0).then(|| record(json!(null), facet.others, true))).collect()
}

/// A facet for people, among so many exchanges.
fn table(facet: &Facet, exchanges: u64) -> String {
    let heading = facet.by.as_str().to_uppercase();
    let mut table = Table::new(vec![
        Column::Number("COUNT".into()),
        Column::Number("SHARE".into()),
        Column::Text(heading),
    ]);
    let mut push = |value: &str, count| {
        let cells = [number(count), percent(count, exchanges), value.to_owned()];
        table.push(cells.into_iter().map(|text| Cell(text, None)).collect());
    };
    for found in &facet.values {
        push(found.value.as_deref().unwrap_or("(none)"), found.count);
    }
    if facet.others > 0 {
        push("(all others)", facet.others);
    }
    let lines = table.lines(columns(), is_colored());
    if facet.exact {
        return lines;
    }
    lines
        + "There are more than 50,000 values: a frequent one that the newest exchanges do not have may be missing.\n"
}
