//! The conditions of a filter of which all have to hold, with their places in its text.

use std::ops::Range;

use winnow::Parser;
use winnow::combinator::{alt, eof, opt, preceded, repeat};
use winnow::stream::{LocatingSlice, Location as _, Stateful};

use crate::error::FilterError;
use crate::parse::fault::Parsed;
use crate::parse::input::{Amounts, Context, Input, State};
use crate::parse::lex::{keyword, space};
use crate::parse::{conjunction, joined, negation, operand, parse};
use crate::tree::Node;

/// A condition that has to hold beside others.
#[derive(Debug)]
pub(crate) struct Condition {
    /// Its bytes.
    pub(crate) place: Range<usize>,
    pub(crate) node: Node,
    /// True if it is written as alternatives without parentheses around them.
    pub(crate) has_alternatives: bool,
}

/// Reads a filter as the conditions of which all have to hold, each with its bytes.
///
/// # Errors
/// When it is no filter.
pub(crate) fn conditions(text: &str, context: &Context<'_>) -> Result<Vec<Condition>, FilterError> {
    let whole = parse(text, context)?;
    let state = State { context, amounts: &Amounts::default(), within: &[] };
    let mut input = Stateful { input: LocatingSlice::new(text), state };
    // It was read once: it can be read in parts.
    Ok(juxtaposition(&mut input, text)
        .unwrap_or_else(|_| vec![Condition { place: 0..text.len(), node: whole, has_alternatives: true }]))
}

/// The same as [`crate::parse::juxtaposition`], with places.
fn juxtaposition(input: &mut Input<'_>, text: &str) -> Parsed<Vec<Condition>> {
    space.parse_next(input)?;
    let mut all = Vec::new();
    while opt(eof).parse_next(input)?.is_none() {
        let start = input.current_token_start();
        let first = own_conjunction(input, text)?;
        let or = (alt(('|'.void(), keyword("or"))), space);
        let others: Vec<Node> = repeat(0.., preceded(or, operand(conjunction))).parse_next(input)?;
        if others.is_empty() {
            all.extend(first);
        } else {
            let first = Node::and(first.into_iter().map(|condition| condition.node).collect());
            let node = Node::or(joined(first, others));
            all.push(Condition { place: start..end(input, text), node, has_alternatives: true });
        }
    }
    Ok(all)
}

/// The same as [`conjunction`], with places.
fn own_conjunction(input: &mut Input<'_>, text: &str) -> Parsed<Vec<Condition>> {
    let mut all = Vec::new();
    loop {
        let start = input.current_token_start();
        let node = negation(input)?;
        all.push(Condition { place: start..end(input, text), node, has_alternatives: false });
        let and = (alt(('&'.void(), keyword("and"))), space);
        if opt(and).parse_next(input)?.is_none() {
            return Ok(all);
        }
    }
}

/// The byte behind what was read last, without the white space behind that.
fn end(input: &Input<'_>, text: &str) -> usize {
    text[..input.current_token_start()].trim_end().len()
}
