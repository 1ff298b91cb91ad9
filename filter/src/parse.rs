//! The grammar: mitmproxy's, and `field:value`.
//!
//! ```text
//! filter       = [ juxtaposition ]
//! juxtaposition = disjunction { disjunction }                    all of them: the loosest, as in mitmproxy
//! disjunction  = conjunction { ("|" | "or") conjunction }
//! conjunction  = negation { ("&" | "and") negation }
//! negation     = { "!" | "-" | "not" } ( "(" juxtaposition ")" | operator | term | word )
//! ```

mod bare;
mod conditions;
mod fault;
mod input;
mod lex;
mod number;
mod operator;
mod term;
mod time;
mod value;

use winnow::Parser;
use winnow::combinator::{alt, eof, opt, peek, preceded, repeat};
use winnow::error::ErrMode;
use winnow::stream::{LocatingSlice, Location as _, Stateful};
use winnow::token::any;

use crate::error::FilterError;
use crate::parse::fault::{Fault, Parsed, Problem};
use crate::parse::input::{Amounts, Input, State, deeper, shallower};
use crate::parse::lex::{keyword, space};

use crate::tree::Node;

pub(crate) use self::conditions::{Condition, conditions};
pub use self::input::{Context, LONGEST};
pub(crate) use self::number::GRPC;
pub(crate) use self::operator::{argument_of, offers as operators};

/// Reads a filter.
///
/// # Errors
/// When it is not one.
pub(crate) fn parse(text: &str, context: &Context<'_>) -> Result<Node, FilterError> {
    let state = State { context, amounts: &Amounts::default(), within: &[] };
    read(text, state).map_err(|(offset, problem)| {
        let Problem { message, expected, suggestion } = problem;
        let column = text.get(..offset).map_or(0, |before| before.chars().count()) + 1;
        // A filter that is much too long is not repeated.
        let text = text.chars().take(LONGEST).collect();
        FilterError { text, column, message, expected, suggestion }
    })
}

fn read(text: &str, state: State<'_>) -> Result<Node, (usize, Problem)> {
    if text.len() > LONGEST {
        return Err((
            0,
            Problem::new("the filter is too long").expecting(format!("at most {LONGEST} bytes")),
        ));
    }
    let mut input = Stateful { input: LocatingSlice::new(text), state };
    filter(&mut input).map_err(|error| {
        let fault = match error {
            ErrMode::Cut(Fault(fault)) | ErrMode::Backtrack(Fault(fault)) => fault,
            ErrMode::Incomplete(_) => None,
        };
        fault.map_or_else(|| (input.current_token_start(), Problem::new("this is no filter")), |fault| *fault)
    })
}

fn filter(input: &mut Input<'_>) -> Parsed<Node> {
    space.parse_next(input)?;
    if opt(eof).parse_next(input)?.is_some() {
        return Ok(Node::All);
    }
    let node = operand(juxtaposition)(input)?;
    match opt(peek(any)).parse_next(input)? {
        None => Ok(node),
        Some(')') => Err(Problem::new("this parenthesis closes none").here(input)),
        Some(_) => Err(condition_missing(input)),
    }
}

fn juxtaposition(input: &mut Input<'_>) -> Parsed<Node> {
    let first = disjunction(input)?;
    let others: Vec<Node> = repeat(0.., disjunction).parse_next(input)?;
    Ok(Node::and(joined(first, others)))
}

fn disjunction(input: &mut Input<'_>) -> Parsed<Node> {
    let first = conjunction(input)?;
    let or = (alt(('|'.void(), keyword("or"))), space);
    let others: Vec<Node> = repeat(0.., preceded(or, operand(conjunction))).parse_next(input)?;
    Ok(Node::or(joined(first, others)))
}

fn conjunction(input: &mut Input<'_>) -> Parsed<Node> {
    let first = negation(input)?;
    let and = (alt(('&'.void(), keyword("and"))), space);
    let others: Vec<Node> = repeat(0.., preceded(and, operand(negation))).parse_next(input)?;
    Ok(Node::and(joined(first, others)))
}

fn joined(first: Node, mut others: Vec<Node>) -> Vec<Node> {
    others.insert(0, first);
    others
}

/// Something that has to stand behind an operator.
fn operand<'i>(parser: fn(&mut Input<'i>) -> Parsed<Node>) -> impl FnMut(&mut Input<'i>) -> Parsed<Node> {
    move |input| match parser(input) {
        Err(ErrMode::Backtrack(_)) => Err(condition_missing(input)),
        other => other,
    }
}

fn condition_missing(input: &Input<'_>) -> ErrMode<Fault> {
    Problem::new("a condition is missing here").expecting("a word, field:value or ~operator").here(input)
}

fn negation(input: &mut Input<'_>) -> Parsed<Node> {
    let mut signs = 0;
    while opt(lex::not).parse_next(input)?.is_some() {
        signs += 1;
        deeper(input)?;
    }
    let node = if signs > 0 { operand(atom)(input)? } else { atom(input)? };
    shallower(input, signs);
    Ok((0..signs).fold(node, |node, _| Node::not(node)))
}

fn atom(input: &mut Input<'_>) -> Parsed<Node> {
    let node = alt((group, operator::operator, term::term, bare::word)).parse_next(input)?;
    space.parse_next(input)?;
    Ok(node)
}

fn group(input: &mut Input<'_>) -> Parsed<Node> {
    let opening = input.current_token_start();
    ('(', space).parse_next(input)?;
    deeper(input)?;
    let node = operand(juxtaposition)(input)?;
    let is_closed = opt(')').parse_next(input)?.is_some();
    shallower(input, 1);
    match opt(peek(any::<_, Fault>)).parse_next(input) {
        _ if is_closed => Ok(node),
        Ok(None) => Err(Problem::new("this parenthesis is not closed").at(opening)),
        _ => Err(condition_missing(input)),
    }
}

/// Reads the preset `name`, which is asked for at `offset`.
fn preset(input: &Input<'_>, name: &str, offset: usize) -> Parsed<Node> {
    let State { context, amounts, within } = input.state;
    if within.contains(&name) {
        let circle =
            format!("the preset \u{201c}{name}\u{201d} stands for itself: {} > {name}", within.join(" > "));
        return Err(Problem::new(circle).at(offset));
    }
    let Some(text) = context.presets.get(name) else {
        let names = context.presets.keys().map(String::as_str);
        let known = names.clone().take(20).collect::<Vec<_>>().join(", ");
        let problem = Problem::new(format!("there is no preset \u{201c}{name}\u{201d}")).near(name, names);
        return Err(if known.is_empty() { problem } else { problem.expecting(known) }.at(offset));
    };
    deeper(input)?;
    let within = [within, &[name]].concat();
    let node = read(text, State { context, amounts, within: &within });
    shallower(input, 1);
    node.map_err(|(_, Problem { message, expected, suggestion })| {
        let message = format!("in the preset \u{201c}{name}\u{201d}: {message}");
        Problem { message, expected, suggestion }.at(offset)
    })
}
