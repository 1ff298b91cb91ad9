//! Words without a field: looked for in method, URL, status, content type and bad ends.

use winnow::Parser;
use winnow::combinator::opt;
use winnow::stream::Location as _;
use winnow::token::take_till;

use crate::field::Field;
use crate::parse::fault::Parsed;
use crate::parse::input::{Input, count_term};
use crate::parse::lex::{self, is_expression};
use crate::parse::value::regex;
use crate::tree::{Node, Term, Test, Text};

/// A word, a text in quotes, or a regular expression between slashes.
pub(super) fn word(input: &mut Input<'_>) -> Parsed<Node> {
    let offset = input.current_token_start();
    let text = if input.input.starts_with(['"', '\'']) {
        Text::Contains(lex::quoted(input)?)
    } else if let Some(source) =
        opt(lex::slashes.verify(|source: &String| is_expression(source))).parse_next(input)?
    {
        regex(input, &source, &Field::Anywhere, offset)?
    } else {
        let word = take_till(1.., lex::ends_word).verify(|word: &str| !joins(word)).parse_next(input)?;
        Text::Contains(word.to_owned())
    };
    count_term(input, offset)?;
    Ok(Node::Term(Term { field: Field::Anywhere, test: Test::Text(vec![text]) }))
}

/// Returns whether `word` stands between two conditions, where a condition was expected.
fn joins(word: &str) -> bool {
    word.starts_with('&') || ["and", "or"].iter().any(|joining| word.eq_ignore_ascii_case(joining))
}
