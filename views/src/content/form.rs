//! The fields of a form.

use super::budget::Budget;
use super::subject::{Subject, form_decoded};
use super::view::{Fit, ViewSpec};
use crate::dto::shown::{Shown, Table};

/// Shows a row for each field, decoded.
pub(super) const VIEW: ViewSpec = ViewSpec { name: "form", title: "Form", kind: "table", fits, show };

fn fits(subject: &Subject) -> Option<Fit> {
    let is_form = subject.is(&["application/x-www-form-urlencoded"]) && !subject.bytes.is_empty();
    // curl names that type for all that it sends.
    (is_form && !subject.trimmed().starts_with(['{', '[', '<'])).then_some(Fit::Named)
}

fn show(subject: &Subject, budget: &Budget) -> Option<Shown> {
    let (mut rows, mut more) = (Vec::new(), false);
    for pair in subject.bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if !budget.take(pair.len()) {
            more = true;
            break;
        }
        let end = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = end.map_or((pair, &b""[..]), |end| (&pair[..end], &pair[end + 1..]));
        rows.push(vec![form_decoded(name), form_decoded(value)]);
    }
    let columns = ["name", "value"].map(str::to_owned).to_vec();
    Some(Shown::Table(Table { columns, rows, more }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_a_row() {
        let subject = Subject {
            bytes: b"a=1+2&b=%C3%A4%26&c&&d=e=f".to_vec(),
            media_type: "application/x-www-form-urlencoded".into(),
            ..Subject::default()
        };
        assert_eq!(fits(&subject), Some(Fit::Named));
        let Some(Shown::Table(table)) = show(&subject, &Budget::begin()) else { panic!("a table") };
        assert_eq!(table.rows, [["a", "1 2"], ["b", "ä&"], ["c", ""], ["d", "e=f"]]);
        assert!(!table.more);
    }
}
