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
        if !is_plain(name) {
            return value(column, test);
        }
        let name = format!("[\"{}\",", fold(name));
        if let Some(words) = exact(test) {
            let whole = |word: &&str| Bound::sql(found(column), [format!("{name}\"{}\"]", fold(word))]);
            return Bound::or(words.iter().map(whole).collect());
        }
        Bound::and(vec![Bound::sql(found(column), [name]), value(column, test)])
    };
    Bounds::at_most(Bound::or(columns(of).iter().map(|column| named(column)).collect()))
}

/// The texts of a test that only passes these; `None` if it passes others, or they do not stand in JSON as they are.
fn exact(test: &Test) -> Option<Vec<&str>> {
    let Test::Text(texts) = test else { return None };
    let each = texts.iter().map(|text| match text {
        Text::Exact(word) if is_plain(word) => Some(word.as_str()),
        _ => None,
    });
    each.collect()
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
    let texts: &[Text] = if let Test::Text(texts) = test { texts } else { &[] };
    let column = |column: &&str| {
        if texts.is_empty() {
            return Bound::plain(format!("{column} IS NOT NULL"));
        }
        Bound::or(texts.iter().map(|text| words(column, text, longest_piece)).collect())
    };
    Bounds::at_most(Bound::or(columns(of).iter().map(column).collect()))
}

/// The longest piece of a word that stands in JSON as it is: between name and value there is a colon and a blank, and in
/// JSON there are other signs.
fn longest_piece(word: &str) -> &str {
    let is_end = |sign: char| !is_plain(sign.encode_utf8(&mut [0; 4])) || sign == ':' || sign == ' ';
    word.split(is_end).max_by_key(|piece| piece.len()).unwrap_or_default()
}

/// A text in `column` that passes may be there, by the words that it has to have. Those beyond ASCII pass all.
fn words(column: &str, text: &Text, piece: fn(&str) -> &str) -> Bound {
    let there = || Bound::plain(format!("{column} IS NOT NULL"));
    let Some(words) = text.required() else { return there() };
    let pieces: Vec<&str> = words.iter().map(|word| piece(word)).collect();
    if pieces.iter().any(|piece| !is_plain(piece)) {
        return there();
    }
    Bound::or(pieces.into_iter().map(|piece| Bound::sql(format!("may_hold({column}, ?)"), [piece])).collect())
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
        text => words(column, text, |word| word),
    };
    Bound::or(texts.iter().map(one).collect())
}

fn found(column: &str) -> String {
    format!("holds({column}, ?)")
}

/// Returns whether `text` stands in JSON as it is.
pub(super) fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\')
}
