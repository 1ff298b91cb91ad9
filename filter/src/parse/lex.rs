//! The smallest parts: white space, signs, quotes, expressions between slashes.

use winnow::Parser;
use winnow::ascii::Caseless;
use winnow::combinator::{alt, eof, not as none, peek, terminated};
use winnow::error::ErrMode;
use winnow::stream::Location as _;
use winnow::token::{any, one_of, take, take_while};

use crate::parse::fault::{Fault, Parsed, Problem};
use crate::parse::input::Input;
use crate::quote;

/// White space, if any.
pub(super) fn space(input: &mut Input<'_>) -> Parsed<()> {
    take_while(0.., char::is_whitespace).void().parse_next(input)
}

/// A word of the language, whatever its case: white space, a parenthesis or the end stands behind it.
pub(super) fn keyword<'i>(word: &'static str) -> impl Parser<Input<'i>, (), ErrMode<Fault>> {
    terminated(Caseless(word), peek(alt((eof.void(), one_of(is_white_or_parenthesis).void())))).void()
}

fn is_white_or_parenthesis(character: char) -> bool {
    character.is_whitespace() || matches!(character, '(' | ')')
}

/// One of the signs that exclude, and white space behind `!` and `not`.
pub(super) fn not(input: &mut Input<'_>) -> Parsed<()> {
    let minus = ('-', peek(none(alt((eof.void(), one_of(is_white_or_closing).void()))))).void();
    alt((('!', space).void(), (keyword("not"), space).void(), minus)).parse_next(input)
}

fn is_white_or_closing(character: char) -> bool {
    character.is_whitespace() || matches!(character, ')' | '|')
}

/// A text in double or single quotes.
pub(super) fn quoted(input: &mut Input<'_>) -> Parsed<String> {
    let opening = input.current_token_start();
    let quote = one_of(['"', '\'']).parse_next(input)?;
    let mut text = String::new();
    loop {
        let next = any::<_, Fault>.parse_next(input).ok();
        match next {
            Some('\\') => match any::<_, Fault>.parse_next(input) {
                Ok(escaped) => text.push(quote::escaped(escaped)),
                Err(_) => return Err(unclosed(opening)),
            },
            Some(end) if end == quote => return Ok(text),
            Some(character) => text.push(character),
            None => return Err(unclosed(opening)),
        }
    }
}

fn unclosed(opening: usize) -> ErrMode<Fault> {
    Problem::new("this quote is not closed").at(opening)
}

/// The source of an expression between slashes behind which a value ends; `i` may stand there. Slashes inside have a
/// backslash before them, or the expression has signs that no path has.
pub(super) fn slashes(input: &mut Input<'_>) -> Parsed<String> {
    let text: &str = input.input.as_ref();
    let Some((inside, length)) = between_slashes(text) else {
        return Err(ErrMode::Backtrack(Fault(None)));
    };
    // Counted in characters.
    take(text[..length].chars().count()).parse_next(input)?;
    Ok(inside.replace("\\/", "/"))
}

/// The text between the slash at the beginning of `text` and the one at its end, and the length of all of it.
fn between_slashes(text: &str) -> Option<(&str, usize)> {
    let inside = text.strip_prefix('/')?;
    let (mut has_slash, mut is_escaped) = (false, false);
    for (at, character) in inside.char_indices() {
        let is_slash = character == '/' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        if has_slash && character.is_whitespace() {
            return None;
        }
        if !is_slash {
            continue;
        }
        let behind = &inside[at + 1..];
        let rest = behind.strip_prefix('i').unwrap_or(behind);
        let ends = [behind, rest]
            .into_iter()
            .find(|rest| !rest.starts_with(|next: char| next == '(' || !ends_value(next)));
        let source = &inside[..at];
        if let Some(rest) = ends.filter(|_| at > 0 && (!has_slash || is_surely_expression(source))) {
            return Some((source, text.len() - rest.len()));
        }
        has_slash = true;
    }
    None
}

/// Returns whether `source` has signs that no path has.
fn is_surely_expression(source: &str) -> bool {
    source.contains(['\\', '^', '$', '(', '[', '|', '+']) || source.contains(".*")
}

/// Returns whether a value ends before `character`.
pub(super) fn ends_value(character: char) -> bool {
    character.is_whitespace() || matches!(character, ',' | '(' | ')' | '|')
}

/// The same, for a word that is no part of a list.
pub(super) fn ends_word(character: char) -> bool {
    character != ',' && ends_value(character)
}

/// Returns whether a text between slashes is an expression, where it might be a part of a path.
pub(super) fn is_expression(source: &str) -> bool {
    source.contains(['\\', '^', '$', '.', '|', '?', '*', '+', '(', ')', '[', ']', '{', '}'])
}
