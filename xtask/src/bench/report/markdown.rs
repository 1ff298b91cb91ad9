//! The figures as Markdown tables.

use super::Report;
use crate::bench::case::{Case, Column};
use crate::bench::sample::{Sample, spread};

/// All tables of a run.
pub(crate) fn markdown(report: &Report) -> String {
    let mut text = String::new();
    for case in &report.cases {
        text += &table(case, &report.samples);
    }
    if !report.notes.is_empty() {
        text += "### Left out\n\n";
        report.notes.iter().for_each(|note| text += &format!("- {note}\n"));
    }
    text
}

fn table(case: &Case, samples: &[Sample]) -> String {
    let samples: Vec<&Sample> = samples.iter().filter(|sample| sample.case == case.name).collect();
    let mut rows: Vec<&str> = Vec::new();
    for sample in &samples {
        if !rows.contains(&sample.row.as_str()) {
            rows.push(&sample.row);
        }
    }
    let Some(first) = rows.first() else { return String::new() };
    let of = |row: &str, column: &Column| {
        spread(samples.iter().copied().filter(|sample| sample.row == row), column.figure)
    };
    let mut text = format!("### {} (`{}`)\n\n{}\n\n| |", case.title, case.name, case.about);
    for column in case.columns {
        text += &format!(" {} |", column.title);
        if column.compared {
            text += &format!(" {first} = 1 |");
        }
    }
    let width = case.columns.len() + case.columns.iter().filter(|column| column.compared).count();
    text += &format!("\n|---|{}\n", "---:|".repeat(width));
    for row in &rows {
        text += &format!("| {row} |");
        for column in case.columns {
            text += &cell(column, of(row, column), of(first, column));
        }
        text.push('\n');
    }
    text + "\n"
}

/// One cell, or two: the figure and its ratio to the first row's.
fn cell(
    column: &Column,
    own: Option<crate::bench::sample::Spread>,
    first: Option<crate::bench::sample::Spread>,
) -> String {
    let shown = |figure: f64| number(figure / column.unit, column.digits);
    let Some(own) = own else {
        return if column.compared { " – | – |" } else { " – |" }.to_owned();
    };
    if !column.compared {
        return format!(" {} |", shown(own.median));
    }
    let ratio = first.map_or_else(|| "–".to_owned(), |first| format!("{:.2}", own.median / first.median));
    format!(" {} ({}–{}) | {ratio} |", shown(own.median), shown(own.least), shown(own.most))
}

/// A number with its thousands apart.
pub(crate) fn number(figure: f64, digits: usize) -> String {
    let text = format!("{figure:.digits$}");
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let rest = rest.map_or_else(String::new, |rest| format!(".{rest}"));
    format!("{sign}{grouped}{rest}")
}
