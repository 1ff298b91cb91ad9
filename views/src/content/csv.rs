//! Comma- or tab-separated values.

use super::budget::Budget;
use super::subject::Subject;
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Shown, Table};

/// Shows the rows, of which the first names the columns.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "csv", title: "Table", kind: "table", fits, show };

/// The most columns.
const MOST_COLUMNS: usize = 500;

fn fits(subject: &Subject) -> Option<Fit> {
    let types = &[
        "text/csv",
        "application/csv",
        "text/tab-separated-values",
        "text/comma-separated-values",
        "text/x-csv",
    ];
    (subject.is(types) && subject.text.is_some() && !subject.bytes.is_empty()).then_some(Fit::Named)
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let text = subject.text.as_deref()?;
    let delimiter = delimiter(subject, text);
    let mut reader = ::csv::ReaderBuilder::new();
    let mut reader =
        reader.has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let (mut rows, mut record, mut more) = (Vec::<Vec<String>>::new(), ::csv::StringRecord::new(), false);
    while reader.read_record(&mut record).unwrap_or(false) {
        if !budget.take(record.as_slice().len() + 16 * record.len().min(MOST_COLUMNS)) {
            more = true;
            break;
        }
        if record.len() > MOST_COLUMNS {
            budget.note("Columns behind the 500th are left out.");
        }
        rows.push(record.iter().take(MOST_COLUMNS).map(str::to_owned).collect());
    }
    if rows.is_empty() {
        return None;
    }
    // A column has a name, or its number.
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    let has_header = subject.parameter("header").is_none_or(|header| header != "absent");
    let mut columns = if has_header { rows.remove(0) } else { Vec::new() };
    columns.extend((columns.len()..width).map(|column| (column + 1).to_string()));
    let cells: usize = rows.iter().map(|row| width - row.len()).sum();
    if cells > 1 << 20 {
        budget.note("Its rows are of very different lengths.");
        return None;
    }
    rows.iter_mut().for_each(|row| row.resize(width, String::new()));
    Some(Shown::Table(Table { columns, rows, more }))
}

/// The character between two values: the one that is most frequent in the first line.
fn delimiter(subject: &Subject, text: &str) -> u8 {
    if subject.is(&["text/tab-separated-values"]) {
        return b'\t';
    }
    let line = text.lines().next().unwrap_or_default();
    let count = |delimiter: u8| line.bytes().filter(|byte| *byte == delimiter).count();
    [b'|', b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(media_type: &str, content_type: &str, text: &str) -> Table {
        let headers = [("content-type", content_type)].into_iter().collect();
        let text = Some(text.to_owned());
        let subject =
            Subject { media_type: media_type.into(), headers, text, bytes: vec![1], ..Subject::default() };
        assert_eq!(fits(&subject), Some(Fit::Named));
        match show(&subject, &Budget::begin()) {
            Some(Shown::Table(table)) => table,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn rows_and_columns() {
        let found = table("text/csv", "text/csv", "a,b\r\n1,\"x, \"\"y\"\"\n\"\r\n2\r\n3,4,5\r\n");
        assert_eq!(found.columns, ["a", "b", "3"]);
        assert_eq!(found.rows, [["1", "x, \"y\"\n", ""], ["2", "", ""], ["3", "4", "5"]]);
        let found = table("text/csv", "text/csv; header=absent", "1;2\n");
        assert_eq!(
            (found.columns, found.rows),
            (vec!["1".into(), "2".into()], vec![vec!["1".into(), "2".into()]])
        );
        let found = table("text/tab-separated-values", "", "a\tb,c\n");
        assert_eq!(found.columns, ["a", "b,c"]);
    }
}
