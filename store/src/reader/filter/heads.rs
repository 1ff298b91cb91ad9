//! Conditions on heads: SQL looks for pieces of them in their JSON, and the filter decides.

use dashcam_filter::{Of, Test, Text, fold};

use super::bound::{Bound, Bounds};

/// The columns with the heads `of` an exchange.
fn columns(of: Of) -> &'static [&'static str] {
    match of {
        Of::Either => &["request_headers", "response_headers"],
        Of::Request => &["request_headers"],
        Of::Response => &["response_headers"],
    }
}

/// A header `name` whose value passes `test` may be there.
pub(super) fn header(of: Of, name: &str, test: &Test) -> Bounds {
    let named = |column: &str| {
        let name = is_plain(name).then(|| Bound::sql(found(column), [format!("[\"{}\",", fold(name))]));
        Bound::and(vec![name.unwrap_or(Bound::All), value(column, test)])
    };
    Bounds::at_most(Bound::or(columns(of).iter().map(|column| named(column)).collect()))
}

/// A text may be there that passes `test`, in a header one of whose names or values has `mark` in it.
pub(super) fn marked(column: &str, mark: &str, test: &Test) -> Bounds {
    let marked = Bound::sql(found(column), [mark]);
    Bounds::at_most(Bound::and(vec![marked, value(column, test)]))
}

/// A cookie whose value passes `test` may be there. Cookies' names have a case, and their lines' names none.
pub(super) fn cookie(of: Of, name: &str, test: &Test) -> Bounds {
    let sides = [
        (Of::Request, "request_headers", "[\"cookie\","),
        (Of::Response, "response_headers", "[\"set-cookie\","),
    ];
    let sides = sides.iter().filter(|(side, ..)| of == Of::Either || of == *side);
    let each = sides.map(|(_, column, line)| {
        let name = if is_plain(name) { Bound::sql(found(column), [fold(name)]) } else { Bound::All };
        Bound::and(vec![Bound::sql(found(column), [*line]), name, value(column, test)])
    });
    Bounds::at_most(Bound::or(each.collect()))
}

/// A line that passes `test` may be there.
pub(super) fn lines(of: Of, test: &Test) -> Bounds {
    let test = match test {
        // A colon and a space stand between name and value, and in JSON other signs.
        Test::Text(texts)
            if !texts.iter().all(|text| matches!(text, Text::Contains(word) if is_in_one(word))) =>
        {
            &Test::Present
        }
        test => test,
    };
    Bounds::at_most(Bound::or(columns(of).iter().map(|column| value(column, test)).collect()))
}

fn is_in_one(word: &str) -> bool {
    !word.contains([':', ' '])
}

/// A value in `column` that passes `test`; what can't be looked for in JSON may be there.
pub(super) fn value(column: &str, test: &Test) -> Bound {
    let there = || Bound::plain(format!("{column} IS NOT NULL"));
    let Test::Text(texts) = test else { return there() };
    let one = |text: &Text| match text {
        Text::Contains(word) | Text::Exact(word) if is_plain(word) => Bound::sql(found(column), [fold(word)]),
        Text::Glob(pieces) => {
            let plain = pieces.iter().filter(|piece| is_plain(piece));
            Bound::and(plain.map(|piece| Bound::sql(found(column), [fold(piece)])).chain([there()]).collect())
        }
        _ => there(),
    };
    Bound::or(texts.iter().map(one).collect())
}

fn found(column: &str) -> String {
    format!("coalesce(instr(lower({column}), ?), 0) > 0")
}

/// Returns whether `text` stands in JSON as it is.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\')
}
