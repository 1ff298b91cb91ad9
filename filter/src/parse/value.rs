//! Values of conditions: words, `=exact`, `glob*`, `/regex/`, numbers, names, `*`; several with commas between them.

use ipnet::IpNet;
use winnow::Parser;
use winnow::combinator::{alt, eof, opt, peek, preceded, separated};
use winnow::error::ErrMode;
use winnow::stream::Location as _;
use winnow::token::{any, one_of, take_till};

use crate::field::{Field, Kind};
use crate::matching::dialect;
use crate::names::{self, Names};
use crate::parse::fault::{Fault, Parsed, Problem};
use crate::parse::input::{Input, count_regex};
use crate::parse::lex::{self, is_expression};
use crate::parse::{number, time};
use crate::tree::{Range, Test, Text};

/// A value as it was written.
#[derive(Debug)]
pub(super) enum Written {
    /// `*`
    Star,
    /// `="…"` or `=word`
    Exact(String),
    /// In quotes.
    Quoted(String),
    /// Between slashes.
    Slashes { source: String, whole: String },
    /// A word: as it stands there, and its pieces between asterisks, without backslashes.
    Word { whole: String, pieces: Vec<String> },
}

/// A value and the byte at which it stands.
type Placed = (usize, Written);

/// Values with commas between them.
pub(super) fn alternatives(input: &mut Input<'_>) -> Parsed<Vec<Placed>> {
    let found: Vec<Placed> = separated(1.., alternative, ',').parse_next(input)?;
    let end = alt((eof.void(), one_of(lex::ends_value).void()));
    if opt(peek(end)).parse_next(input)?.is_none() {
        return Err(Problem::new("the value ends before this")
            .expecting("a space, a comma or the end")
            .here(input));
    }
    if opt(',').parse_next(input)?.is_some() {
        return Err(Problem::new("a value is missing behind this comma").here(input));
    }
    Ok(found)
}

fn alternative(input: &mut Input<'_>) -> Parsed<Placed> {
    let offset = input.current_token_start();
    let star = ('*', peek(alt((eof.void(), one_of(lex::ends_value).void())))).map(|_| Written::Star);
    let exact = preceded('=', alt((lex::quoted, plain))).map(Written::Exact);
    let quoted = lex::quoted.map(Written::Quoted);
    let slashes =
        lex::slashes.with_taken().map(|(source, whole)| Written::Slashes { source, whole: whole.to_owned() });
    let written = alt((star, exact, quoted, slashes, word)).parse_next(input)?;
    Ok((offset, written))
}

/// A word that stands for itself as a whole.
fn plain(input: &mut Input<'_>) -> Parsed<String> {
    take_till(1.., lex::ends_value).map(|text: &str| text.to_owned()).parse_next(input)
}

/// A word, in which a backslash takes a sign for itself.
fn word(input: &mut Input<'_>) -> Parsed<Written> {
    let start: &str = input.input.as_ref();
    let mut pieces = vec![String::new()];
    let mut length = 0;
    while let Some(next) = opt(peek(any)).parse_next(input)?.filter(|next| !lex::ends_value(*next)) {
        any.parse_next(input)?;
        length += next.len_utf8();
        let escaped =
            opt(peek(any)).parse_next(input)?.filter(|sign: &char| next == '\\' && !sign.is_alphanumeric());
        let last = pieces.last_mut().expect("there is a piece from the first on");
        match (next, escaped) {
            (_, Some(sign)) => {
                any.parse_next(input)?;
                length += sign.len_utf8();
                last.push(sign);
            }
            ('*', None) => pieces.push(String::new()),
            (other, None) => last.push(other),
        }
    }
    if length == 0 {
        return Err(ErrMode::Backtrack(Fault(None)));
    }
    Ok(Written::Word { whole: start[..length].to_owned(), pieces })
}

/// The name of a preset.
pub(super) fn preset(values: Vec<Placed>) -> Parsed<String> {
    let offset = values.first().map_or(0, |(offset, _)| *offset);
    match <[Placed; 1]>::try_from(values) {
        Ok([(_, Written::Quoted(name) | Written::Exact(name) | Written::Word { whole: name, .. })]) => {
            Ok(name)
        }
        _ => Err(Problem::new("this is no name of a preset").expecting("one name").at(offset)),
    }
}

/// The condition that `values` make for `field`.
pub(super) fn test(input: &Input<'_>, field: &Field, kind: Kind, values: Vec<Placed>) -> Parsed<Test> {
    if values.iter().any(|(_, value)| matches!(value, Written::Star)) {
        return Ok(Test::Present);
    }
    match kind {
        Kind::Text | Kind::Path | Kind::Value | Kind::Address => {
            let texts = values.into_iter().map(|(offset, value)| text(input, field, (offset, value)));
            Ok(Test::Text(texts.collect::<Result<_, _>>()?))
        }
        Kind::Name => {
            let names = values.into_iter().map(|value| name(field, value));
            let bits =
                names.collect::<Result<Vec<_>, _>>()?.into_iter().fold(0, |bits, names| bits | names.0);
            Ok(Test::Names(Names(bits)))
        }
        Kind::Number | Kind::Status | Kind::GrpcStatus | Kind::Duration | Kind::Size | Kind::Time(_) => {
            let span = |(offset, value): Placed| {
                let word = whole(value).map_err(|problem| problem.at(offset))?;
                let span = match kind {
                    Kind::Time(since) => time::span(&word, since, input.state.context.now),
                    kind => number::span(&word, |text| number::number(text, kind)),
                };
                span.map_err(|problem| problem.at(offset))
            };
            Ok(Test::Numbers(values.into_iter().map(span).collect::<Result<_, _>>()?))
        }
    }
}

/// A value that is no pattern.
fn whole(value: Written) -> Result<String, Problem> {
    match value {
        Written::Exact(word) | Written::Quoted(word) | Written::Word { whole: word, .. } => Ok(word),
        Written::Slashes { .. } | Written::Star => {
            Err(Problem::new("this field takes no regular expression")
                .expecting("a number, a name or a range"))
        }
    }
}

fn name(field: &Field, (offset, value): Placed) -> Parsed<Names> {
    let word = whole(value).map_err(|problem| problem.at(offset))?;
    if let Some(names) = Names::named(field, &word) {
        return Ok(names);
    }
    let (known, expected) = if *field == Field::Fail {
        let sides = dashcam_exchange::Side::ALL.iter().map(|side| side.as_str());
        let stages = dashcam_exchange::Stage::ALL.iter().map(|stage| stage.as_str());
        (sides.chain(stages).collect(), "a side, a stage or both: upstream, tls, upstream/tls".to_owned())
    } else {
        let known: Vec<_> = names::table(field).iter().map(|(name, _)| *name).collect();
        let expected = known.join(", ");
        (known, expected)
    };
    let last = word.rsplit('/').next().unwrap_or_default();
    let wrong = match field {
        Field::Is => format!("there is no mark \u{201c}{word}\u{201d}"),
        _ => format!("{field} is never \u{201c}{word}\u{201d}"),
    };
    let problem = Problem::new(wrong).expecting(expected);
    Err(problem.near(last, known).at(offset))
}

fn text(input: &Input<'_>, field: &Field, (offset, value): Placed) -> Parsed<Text> {
    let kind = field.kind();
    Ok(match value {
        Written::Exact(word) if matches!(field, Field::Host | Field::Domain | Field::Destination) => {
            Text::Exact(word.to_lowercase())
        }
        Written::Exact(word) => Text::Exact(word),
        Written::Quoted(word) => Text::Contains(word),
        Written::Slashes { source, whole } if kind == Kind::Path && !is_expression(&source) => {
            Text::Contains(whole)
        }
        Written::Slashes { source, .. } => regex(input, &source, field, offset)?,
        Written::Word { whole, pieces } => {
            let number = if kind == Kind::Value { range(&whole) } else { None };
            let network = if kind == Kind::Address { network(&whole) } else { None };
            if kind == Kind::Address && network.is_none() && names_bits(&whole) {
                let problem = Problem::new(format!("\u{201c}{whole}\u{201d} is no network"));
                return Err(problem
                    .expecting("an address and the bits of its network: 10.0.0.0/8")
                    .at(offset));
            }
            match (number, network) {
                (Some(range), _) => Text::Number(range),
                (_, Some(network)) => Text::Network(network),
                _ => glob(pieces),
            }
        }
        Written::Star => Text::Contains(String::new()),
    })
}

/// A glob without double asterisks, or the one piece there is.
fn glob(mut pieces: Vec<String>) -> Text {
    if pieces.len() == 1 {
        return Text::Contains(pieces.remove(0));
    }
    let last = pieces.len() - 1;
    let kept = pieces
        .into_iter()
        .enumerate()
        .filter(|(index, piece)| *index == 0 || *index == last || !piece.is_empty());
    Text::Glob(kept.map(|(_, piece)| piece).collect())
}

/// An address, or a network as `10.0.0.0/8`.
fn network(text: &str) -> Option<IpNet> {
    let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = inside.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    address.or_else(|| inside.parse::<IpNet>().ok()).map(|network| network.trunc())
}

/// Returns whether a slash stands behind an address, as in `10.0.0.0/8`.
fn names_bits(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, _)| address.parse::<std::net::IpAddr>().is_ok())
}

/// `>N`, `>=N`, `<N`, `<=N` or `A..B` over numbers with decimals; nothing else.
fn range(text: &str) -> Option<Range> {
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    if let Some(text) = text.strip_prefix(">=") {
        return Some(Range { min: Some((number(text)?, true)), max: None });
    }
    if let Some(text) = text.strip_prefix("<=") {
        return Some(Range { min: None, max: Some((number(text)?, true)) });
    }
    if let Some(text) = text.strip_prefix('>') {
        return Some(Range { min: Some((number(text)?, false)), max: None });
    }
    if let Some(text) = text.strip_prefix('<') {
        return Some(Range { min: None, max: Some((number(text)?, false)) });
    }
    let (min, max) = text.split_once("..")?;
    Some(Range { min: Some((number(min)?, true)), max: Some((number(max)?, true)) })
}

/// A regular expression that can be compiled.
pub(super) fn regex(input: &Input<'_>, source: &str, field: &Field, offset: usize) -> Parsed<Text> {
    count_regex(input, offset)?;
    match dialect::compile(source, field) {
        Ok(_) => Ok(Text::Regex(source.to_owned())),
        Err(why) => Err(Problem::new(format!("this is no regular expression: {why}")).at(offset)),
    }
}
