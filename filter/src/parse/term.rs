//! Conditions with a field: `status:5xx`.

use winnow::Parser;
use winnow::combinator::{alt, opt, peek, repeat};
use winnow::error::ErrMode;
use winnow::stream::Location as _;
use winnow::token::{any, take_while};

use crate::field::{self, Field, Is};
use crate::nearest::nearest;
use crate::parse::fault::{Fault, Parsed, Problem};
use crate::parse::input::{Input, count_term};
use crate::parse::value::{self, alternatives};
use crate::parse::{lex, preset};
use crate::tree::{Node, Term};

/// A field and its values. What stands there is another thing if no field of that name is meant.
pub(super) fn term(input: &mut Input<'_>) -> Parsed<Node> {
    let offset = input.current_token_start();
    let name =
        (name, ':').take().verify(|name: &str| name.starts_with(|first: char| first.is_ascii_alphabetic()));
    let name: &str = peek(name).parse_next(input)?;
    let name = &name[..name.len() - 1];
    let Some((is, names)) = named(name) else {
        return Err(unknown(input, name, offset)?);
    };
    // The name was looked at, and is passed now.
    self::name.parse_next(input)?;
    ':'.parse_next(input)?;
    count_term(input, offset)?;
    if opt(peek(any)).parse_next(input)?.is_none_or(lex::ends_value) {
        return Err(Problem::new(format!("a value is missing behind \u{201c}{name}:\u{201d}")).here(input));
    }
    let place = input.current_token_start();
    let values = alternatives(input)?;
    match is {
        Is::Preset => preset(input, &value::preset(values)?, place),
        Is::Field(make, kind) => {
            let field = make();
            let kind = kind.unwrap_or_else(|| field.kind());
            let test = value::test(input, &field, kind, values)?;
            Ok(Node::Term(Term { field, test }))
        }
        Is::Named(make) => {
            let field: Field = make(names);
            let test = value::test(input, &field, field.kind(), values)?;
            Ok(Node::Term(Term { field, test }))
        }
    }
}

/// A name, its parts separated by dots; each may be in quotes.
fn name(input: &mut Input<'_>) -> Parsed<()> {
    let plain = take_while(1.., |character: char| {
        character.is_ascii_alphanumeric() || "_-.[]*$@".contains(character)
    });
    repeat::<_, _, (), _, _>(1.., alt((plain.void(), quoted_part))).parse_next(input)
}

fn quoted_part(input: &mut Input<'_>) -> Parsed<()> {
    let has_end = (lex::quoted, peek(alt(('.', ':')))).void();
    peek(any.verify(|first: &char| *first == '"')).parse_next(input)?;
    // A quote that is not closed is another one's error.
    opt(has_end).parse_next(input).ok().flatten().ok_or(ErrMode::Backtrack(Fault(None)))
}

/// The entry for `name`, and the parts of it that are the user's.
fn named(name: &str) -> Option<(Is, Vec<String>)> {
    let lower = name.to_ascii_lowercase();
    if let Some(entry) = field::find(&lower).filter(|entry| !entry.name.ends_with('.')) {
        return Some((entry.is, Vec::new()));
    }
    let ends = name.match_indices('.').map(|(index, _)| index + 1);
    let mut entries = ends.filter_map(|end| Some((field::find(&lower[..end])?, end)));
    let (entry, end) = entries.next()?;
    let parts = parts(&name[end..]);
    (!parts.is_empty()).then_some((entry.is, parts))
}

/// The parts of a user's name: `a.b."c.d"`; nothing, if one is empty.
fn parts(name: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted, mut escaped) = (Vec::new(), String::new(), false, false);
    let mut was_quoted = false;
    for character in name.chars() {
        match character {
            _ if escaped => {
                part.push(crate::quote::escaped(character));
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => {
                quoted = !quoted;
                was_quoted = true;
            }
            '.' if !quoted => {
                if part.is_empty() && !was_quoted {
                    return Vec::new();
                }
                parts.push(std::mem::take(&mut part));
                was_quoted = false;
            }
            other => part.push(other),
        }
    }
    if part.is_empty() && !was_quoted {
        return Vec::new();
    }
    parts.push(part);
    parts
}

/// The error that there is no field `name`. Not an error where it may be a word: `http://a/b`, `localhost:8080`.
fn unknown(input: &Input<'_>, name: &str, offset: usize) -> Parsed<ErrMode<Fault>> {
    let is_word = ErrMode::Backtrack(Fault(None));
    let rest = &input.input.as_ref()[name.len() + 1..];
    if rest.starts_with("//") {
        return Ok(is_word);
    }
    let lower = name.to_ascii_lowercase();
    let base = lower.trim_end_matches('.');
    if field::find(&format!("{base}.")).is_some() {
        let problem = Problem::new(format!("a name is missing in \u{201c}{name}:\u{201d}"));
        return Ok(problem.expecting(format!("{base}.NAME:value")).at(offset));
    }
    let near = near(&lower);
    if near.is_none() && rest.starts_with(|first: char| first.is_ascii_digit()) {
        return Ok(is_word);
    }
    let problem = Problem::new(format!("there is no field \u{201c}{name}\u{201d}"))
        .expecting("a field such as host or status; text that has a colon stands in quotes");
    Ok(Problem { suggestion: near, ..problem }.at(offset))
}

/// The nearest name of a field. Of `heder.accept` the beginning is wrong.
fn near(name: &str) -> Option<String> {
    let whole = nearest(name, field::names().filter(|known| !known.ends_with('.'))).map(str::to_owned);
    whole.or_else(|| {
        let (base, rest) = name.split_once('.')?;
        let named = field::names().filter(|known| known.matches('.').count() == 1);
        let base = nearest(base, named.filter_map(|known| known.strip_suffix('.')))?;
        Some(format!("{base}.{rest}"))
    })
}
