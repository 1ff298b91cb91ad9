//! The figures as Markdown tables.

use super::{Report, Texts, added, builds, goals};
use crate::case::{Case, Column, Layout};
use crate::options::Options;
use crate::sample::{Sample, Spread, spread};

/// The pages of a run.
pub(super) fn texts(report: &Report, options: &Options, machine: &[(String, String)]) -> Texts {
    let day = machine.iter().find(|(name, _)| name == "date").and_then(|(_, date)| date.split(' ').next());
    let day = day.unwrap_or_default().to_owned();
    // A smoke test's figures mean nothing.
    let builds = options.builds.iter().filter(|_| !options.smoke);
    let goals: Vec<_> =
        builds.filter_map(|build| Some((&build.name, goals::table(&report.samples, &build.name)?))).collect();
    let measured = format!("Measured on {day}. [All tables of that run](results/{day}.md).");
    let section = |note: &str| {
        goals
            .iter()
            .map(|(build, table)| format!("## Goals of {build}\n\n{note}{table}\n"))
            .collect::<String>()
    };
    Texts {
        goals: section(&format!("{measured}\n\n")).trim_end().to_owned() + "\n",
        tables: format!("# Results of {day}\n\n{}{}", section(""), tables(report, options, machine)),
        day,
    }
}

/// The tables of all cases, and the place of the run.
fn tables(report: &Report, options: &Options, machine: &[(String, String)]) -> String {
    let mut text = String::new();
    for case in &report.cases {
        let samples: Vec<&Sample> = report.samples.iter().filter(|sample| sample.case == case.name).collect();
        if !samples.is_empty() {
            let table = match case.layout {
                Layout::Columns(columns) => columns_of(&samples, columns),
                Layout::Variants(column) => variants_of(&samples, column),
                Layout::Added => added::table(&samples),
            };
            text += &format!("## {} (`{}`)\n\n{}\n\n{table}\n", case.title, case.name, about(case));
        }
    }
    text += &builds::table(report, options);
    if !report.notes.is_empty() {
        text += "## Left out\n\n";
        report.notes.iter().for_each(|note| text += &format!("- {}\n", note.replace('\n', " ")));
        text.push('\n');
    }
    text += "## Where\n\n";
    machine.iter().for_each(|(name, fact)| text += &format!("- {name}: {fact}\n"));
    let (rounds, seconds) = (options.rounds, options.seconds);
    text + &format!(
        "\n{rounds} rounds, interleaved, of {seconds} s each, after a second to warm up; medians, and the least and the most in \
         parentheses. CPU is user and system time of the proxy's processes and their children, until they have settled. Load generator, \
         origin and proxy share the machine, so rates are for comparison within a table only.\n"
    )
}

/// How a case was measured, in one line.
fn about(case: &Case) -> String {
    case.about.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The different values of a name, in the order in which they came.
pub(super) fn distinct<'a>(samples: &[&'a Sample], name: fn(&Sample) -> &String) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for sample in samples {
        if !names.contains(&name(sample).as_str()) {
            names.push(name(sample));
        }
    }
    names
}

fn columns_of(samples: &[&Sample], columns: &[Column]) -> String {
    let rows = distinct(samples, |sample| &sample.row);
    let Some(&first) = rows.first() else { return String::new() };
    let of = |row: &str, column: &Column| {
        spread(samples.iter().copied().filter(|sample| sample.row == row), column.figure)
    };
    let mut titles = Vec::new();
    for column in columns {
        titles.push(column.title.to_owned());
        if column.compared {
            titles.push(format!("{first} = 1"));
        }
    }
    let mut text = heading(&titles);
    for row in &rows {
        text += &format!("| {row} |");
        for column in columns {
            text += &cell(column, of(row, column), of(first, column));
        }
        text.push('\n');
    }
    text
}

fn variants_of(samples: &[&Sample], column: Column) -> String {
    let variants = distinct(samples, |sample| &sample.variant);
    let titles: Vec<String> = variants.iter().map(|&variant| variant.to_owned()).collect();
    let mut text = heading(&titles).replacen("| |", &format!("| {} |", column.title), 1);
    for row in distinct(samples, |sample| &sample.row) {
        text += &format!("| {row} |");
        for variant in &variants {
            let of = samples.iter().copied().filter(|sample| sample.row == row && sample.variant == *variant);
            text += &cell(&column, spread(of, column.figure), None);
        }
        text.push('\n');
    }
    text
}

fn heading(titles: &[String]) -> String {
    format!("| | {} |\n|---|{}\n", titles.join(" | "), "---:|".repeat(titles.len()))
}

/// One cell, or two: the figure and its ratio to the first row's.
fn cell(column: &Column, own: Option<Spread>, first: Option<Spread>) -> String {
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
pub(super) fn number(figure: f64, digits: usize) -> String {
    let text = format!("{figure:.digits$}");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), ""), |(whole, rest)| (whole, rest));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    let mut grouped = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest.is_empty() { grouped } else { format!("{grouped}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::figure;

    #[test]
    fn numbers_can_be_read() {
        assert_eq!(number(1_234_567.0, 0), "1,234,567");
        assert_eq!(number(-1234.56, 1), "-1,234.6");
        assert_eq!(number(123.0, 0), "123");
    }

    #[test]
    fn a_row_has_medians_and_the_ratio_to_the_first() {
        let sample = |row: &str, cpu| Sample {
            case: "reverse-1k",
            row: row.to_owned(),
            variant: String::new(),
            contender: String::new(),
            build: None,
            round: 1,
            figures: [(figure::CPU, cpu)].into(),
        };
        let samples =
            [("nginx", 90.0), ("us", 50.0), ("nginx", 500.0), ("us", 10.0), ("nginx", 100.0), ("us", 70.0)]
                .map(|(row, cpu)| sample(row, cpu));
        let samples: Vec<&Sample> = samples.iter().collect();
        let columns = [Column { title: "CPU", figure: figure::CPU, unit: 1.0, digits: 0, compared: true }];
        let table = columns_of(&samples, &columns);
        assert!(table.starts_with("| | CPU | nginx = 1 |\n"), "{table}");
        assert!(table.ends_with("| nginx | 100 (90–500) | 1.00 |\n| us | 50 (10–70) | 0.50 |\n"), "{table}");
    }
}
