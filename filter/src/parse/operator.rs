//! mitmproxy's operators: `~d api`. Their names and meanings are those of mitmproxy's `flowfilter.py`.

use winnow::Parser;
use winnow::combinator::preceded;
use winnow::stream::Location as _;
use winnow::token::{take_till, take_while};

use crate::field::{Field, Kind, Of};
use crate::names::{Flag, Names};
use crate::offer::Offer;
use crate::parse::fault::{Parsed, Problem};
use crate::parse::input::{Input, count_term};
use crate::parse::{lex, number, value};
use crate::tree::{Node, Term, Test, Text};

/// The condition of an operator.
#[derive(Clone, Copy)]
enum Asks {
    All,
    Flag(Flag),
    /// A regular expression in a field; the case of letters counts in some.
    Regex(fn() -> Field, Case),
    Status,
}

#[derive(Clone, Copy, PartialEq)]
enum Case {
    Counts,
    Ignored,
}

use Asks::Regex;
use Case::{Counts, Ignored};

const OPERATORS: &[(&str, Asks)] = &[
    ("all", Asks::All),
    ("a", Asks::Flag(Flag::Asset)),
    ("e", Asks::Flag(Flag::Error)),
    ("http", Asks::Flag(Flag::Http)),
    ("marked", Asks::Flag(Flag::Pinned)),
    ("replay", Asks::Flag(Flag::Replay)),
    ("replayq", Asks::Flag(Flag::Replay)),
    ("replays", Asks::Flag(Flag::Stub)),
    ("q", Asks::Flag(Flag::Unanswered)),
    ("s", Asks::Flag(Flag::Answered)),
    ("tcp", Asks::Flag(Flag::NotHttp)),
    ("udp", Asks::Flag(Flag::NotHttp)),
    ("dns", Asks::Flag(Flag::NotHttp)),
    ("websocket", Asks::Flag(Flag::Websocket)),
    ("b", Regex(|| Field::Body(Of::Either), Counts)),
    ("bq", Regex(|| Field::Body(Of::Request), Counts)),
    ("bs", Regex(|| Field::Body(Of::Response), Counts)),
    ("t", Regex(|| Field::Header(Of::Either, "content-type".to_owned()), Counts)),
    ("tq", Regex(|| Field::Header(Of::Request, "content-type".to_owned()), Counts)),
    ("ts", Regex(|| Field::Header(Of::Response, "content-type".to_owned()), Counts)),
    ("d", Regex(|| Field::Domain, Ignored)),
    ("dst", Regex(|| Field::Destination, Counts)),
    ("h", Regex(|| Field::HeaderLines(Of::Either), Counts)),
    ("hq", Regex(|| Field::HeaderLines(Of::Request), Counts)),
    ("hs", Regex(|| Field::HeaderLines(Of::Response), Counts)),
    ("m", Regex(|| Field::Method, Ignored)),
    ("src", Regex(|| Field::Client, Counts)),
    ("u", Regex(|| Field::Url, Ignored)),
    ("meta", Regex(|| Field::Meta, Counts)),
    ("marker", Regex(|| Field::Marker, Counts)),
    ("comment", Regex(|| Field::Comment, Counts)),
    ("c", Asks::Status),
];

/// The names of all operators, without `~`.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    OPERATORS.iter().map(|(name, _)| *name)
}

/// All operators with their meanings, for completion.
pub(crate) fn offers() -> impl Iterator<Item = Offer> {
    OPERATORS.iter().map(|(name, asks)| {
        let meaning = match asks {
            Asks::All => "every exchange".to_owned(),
            Asks::Flag(flag) => format!("is:{}", Names::flag(*flag).of(&Field::Is).join(",")),
            Regex(field, _) => format!("{}: by a regular expression", field()),
            Asks::Status => "the response's status".to_owned(),
        };
        Offer { text: format!("~{name}"), meaning }
    })
}

/// The field in which the argument of the operator `name` is looked for.
pub(crate) fn argument_of(name: &str) -> Option<Field> {
    let (_, asks) = OPERATORS.iter().find(|(known, _)| *known == name)?;
    match asks {
        Asks::All | Asks::Flag(_) => None,
        Regex(field, _) => Some(field()),
        Asks::Status => Some(Field::Status),
    }
}

/// An operator, and its argument if it takes one.
pub(super) fn operator(input: &mut Input<'_>) -> Parsed<Node> {
    let offset = input.current_token_start();
    let letters = take_while(0.., |character: char| character.is_ascii_alphanumeric());
    let name: &str = preceded('~', letters).parse_next(input)?;
    let Some((_, asks)) = OPERATORS.iter().find(|(known, _)| *known == name) else {
        let problem = Problem::new(format!("there is no operator \u{201c}~{name}\u{201d}"));
        return Err(problem.expecting("one of mitmproxy's, such as ~u or ~c").near(name, names()).at(offset));
    };
    count_term(input, offset)?;
    let term = |field, test| Ok(Node::Term(Term { field, test }));
    match asks {
        Asks::All => Ok(Node::All),
        Asks::Flag(flag) => term(Field::Is, Test::Names(Names::flag(*flag))),
        Asks::Status => term(Field::Status, Test::Numbers(vec![status(input)?])),
        Regex(field, case) => {
            let field = field();
            let text = expression(input, &field, *case)?;
            term(field, Test::Text(vec![text]))
        }
    }
}

/// A status, or what else `status:` takes: `~c 5xx`.
fn status(input: &mut Input<'_>) -> Parsed<crate::tree::Span> {
    lex::space.parse_next(input)?;
    let offset = input.current_token_start();
    let ends = |character: char| character.is_whitespace() || "()~'\"|&!".contains(character);
    let text: &str = take_till(0.., ends).parse_next(input)?;
    number::span(text, |text| number::number(text, Kind::Status)).map_err(|problem| problem.at(offset))
}

/// A regular expression as mitmproxy takes it: in quotes, or up to white space, a parenthesis, a quote or `~`.
fn expression(input: &mut Input<'_>, field: &Field, case: Case) -> Parsed<Text> {
    lex::space.parse_next(input)?;
    let offset = input.current_token_start();
    let source = if input.input.starts_with(['"', '\'']) {
        lex::quoted(input)?
    } else {
        let ends = |character: char| character.is_whitespace() || "()~'\"".contains(character);
        take_till(0.., ends).parse_next(input).map(|source: &str| source.to_owned())?
    };
    if source.is_empty() && input.current_token_start() == offset {
        return Err(Problem::new("a regular expression is missing here").at(offset));
    }
    if case == Ignored && source.is_ascii() && !source.is_empty() && !lex::is_expression(&source) {
        return Ok(Text::Contains(source));
    }
    let source = match case {
        Counts => format!("(?-i){source}"),
        // Between slashes must stand something, and in a path something that is no part of one.
        Ignored if !lex::is_expression(&source) => format!("(?:{source})"),
        Ignored => source,
    };
    value::regex(input, &source, field, offset)
}
