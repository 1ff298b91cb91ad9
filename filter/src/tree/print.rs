//! Trees as text, in the spelling `field:value`: reading it gives the same tree.

use std::fmt::{self, Display, Formatter, Write as _};

use ipnet::IpNet;
use jiff::Timestamp;

use crate::field::{Field, Kind};
use crate::quote;
use crate::tree::{Node, Range, Span, Term, Test, Text};

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("~all"),
            Self::And(nodes) => joined(f, nodes, " "),
            Self::Or(nodes) => joined(f, nodes, " | "),
            Self::Not(node) if matches!(**node, Self::Not(_)) => write!(f, "-({node})"),
            Self::Not(node) => {
                f.write_char('-')?;
                operand(f, node)
            }
            Self::Term(term) => term.fmt(f),
        }
    }
}

fn joined(f: &mut Formatter<'_>, nodes: &[Node], separator: &str) -> fmt::Result {
    for (index, node) in nodes.iter().enumerate() {
        f.write_str(if index > 0 { separator } else { "" })?;
        operand(f, node)?;
    }
    Ok(())
}

fn operand(f: &mut Formatter<'_>, node: &Node) -> fmt::Result {
    match node {
        Node::All | Node::Term(_) | Node::Not(_) => node.fmt(f),
        Node::And(_) | Node::Or(_) => write!(f, "({node})"),
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.field == Field::Anywhere {
            return match &self.test {
                Test::Text(texts) => listed(f, texts, bare),
                _ => Ok(()),
            };
        }
        write!(f, "{}:", self.field)?;
        match &self.test {
            Test::Present => f.write_char('*'),
            Test::Text(texts) => {
                listed(f, texts, |f, text| value(f, text, (self.field.kind(), texts.len() > 1)))
            }
            Test::Numbers(spans) => listed(f, spans, |f, span| number(f, *span, self.field.kind())),
            Test::Names(names) => listed(f, &names.of(&self.field), |f, name| f.write_str(name)),
        }
    }
}

fn listed<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    write: impl Fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        f.write_str(if index > 0 { "," } else { "" })?;
        write(f, item)?;
    }
    Ok(())
}

/// A text that is looked for anywhere. It has no field before it: as a plain word it might look like another one.
fn bare(f: &mut Formatter<'_>, text: &Text) -> fmt::Result {
    match text {
        Text::Regex(source) => regex(f, source),
        Text::Contains(word) => quote::write(f, word),
        // Bare words have no other forms.
        _ => Ok(()),
    }
}

/// A value of a field of `kind`; `in_list` if others stand beside it.
fn value(f: &mut Formatter<'_>, text: &Text, (kind, in_list): (Kind, bool)) -> fmt::Result {
    match text {
        Text::Contains(word) if is_plain(word) => f.write_str(word),
        Text::Contains(word) => quote::write(f, word),
        Text::Exact(word) => {
            f.write_char('=')?;
            quote::write(f, word)
        }
        // The slash would stand before the bits of a network.
        Text::Glob(pieces) if kind == Kind::Address => glob(f, pieces, |_| true),
        Text::Glob(pieces) => {
            let may_begin_regex = in_list || may_begin_regex(pieces);
            glob(f, pieces, |at| at == 0 && may_begin_regex)
        }
        Text::Regex(source) => regex(f, source),
        Text::Number(range) => numbers(f, *range),
        Text::Network(network) => address(f, *network),
    }
}

/// Returns whether `word` can stand as a value without quotes, and is read as itself.
fn is_plain(word: &str) -> bool {
    let is_safe = |character: char| character.is_alphanumeric() || "_.-/%:@;".contains(character);
    word.starts_with(char::is_alphabetic)
        && word.chars().all(is_safe)
        && !word.contains("..")
        // It might be an address.
        && !word.contains(':')
}

/// Returns whether a slash at the beginning of a glob might begin an expression: one that ends with it or, as expressions
/// may have spaces, behind it. A second slash inside makes a path of it, in which there are none.
fn may_begin_regex(pieces: &[String]) -> bool {
    let slashes: usize = pieces.iter().map(|piece| piece.matches('/').count()).sum();
    slashes < 2 || pieces.last().is_some_and(|last| last.ends_with('/') || last.ends_with("/i"))
}

/// A glob, with a backslash before the slashes at the places for which `escapes_slash`.
fn glob(f: &mut Formatter<'_>, pieces: &[String], escapes_slash: impl Fn(usize) -> bool) -> fmt::Result {
    for (index, piece) in pieces.iter().enumerate() {
        f.write_str(if index > 0 { "*" } else { "" })?;
        for (at, character) in piece.char_indices() {
            let is_safe = character.is_alphanumeric()
                || "_-.:@%;&?#+".contains(character)
                || character == '/' && !escapes_slash(index + at)
                || !character.is_ascii() && !character.is_whitespace();
            f.write_str(if is_safe { "" } else { "\\" })?;
            f.write_char(character)?;
        }
    }
    Ok(())
}

fn regex(f: &mut Formatter<'_>, source: &str) -> fmt::Result {
    f.write_char('/')?;
    let mut is_escaped = false;
    for character in source.chars() {
        if character == '/' && !is_escaped {
            f.write_char('\\')?;
        }
        is_escaped = character == '\\' && !is_escaped;
        f.write_char(character)?;
    }
    f.write_char('/')
}

fn numbers(f: &mut Formatter<'_>, Range { min, max }: Range) -> fmt::Result {
    match (min, max) {
        (Some((min, true)), Some((max, true))) => write!(f, "{min}..{max}"),
        (Some((min, included)), _) => write!(f, ">{}{min}", if included { "=" } else { "" }),
        (None, Some((max, included))) => write!(f, "<{}{max}", if included { "=" } else { "" }),
        (None, None) => f.write_char('*'),
    }
}

fn address(f: &mut Formatter<'_>, network: IpNet) -> fmt::Result {
    if network.prefix_len() == network.max_prefix_len() {
        return network.addr().fmt(f);
    }
    network.fmt(f)
}

fn number(f: &mut Formatter<'_>, Span { min, max }: Span, kind: Kind) -> fmt::Result {
    let bound = |f: &mut Formatter<'_>, number: i64| match kind {
        Kind::Time(_) => match Timestamp::from_microsecond(number) {
            Ok(time) => time.fmt(f),
            Err(_) => Ok(()),
        },
        Kind::Duration => write!(f, "{number}us"),
        Kind::Size => write!(f, "{number}B"),
        _ => number.fmt(f),
    };
    if min == max && !matches!(kind, Kind::Time(_)) {
        return bound(f, min);
    }
    if min != i64::MIN {
        bound(f, min)?;
    }
    f.write_str("..")?;
    if max != i64::MAX { bound(f, max) } else { Ok(()) }
}
