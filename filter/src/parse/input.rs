//! A text that is being read, and how much of it there may be.

use std::cell::Cell;
use std::collections::BTreeMap;

use jiff::Zoned;
use winnow::stream::{LocatingSlice, Stateful};

use crate::parse::fault::{Parsed, Problem};

/// The most bytes of a filter.
pub const LONGEST: usize = 16 << 10;
/// How deeply parentheses, negations and presets may be nested, together.
const DEEPEST: usize = 64;
/// The most conditions of a filter, with those of its presets.
const TERMS: usize = 1000;
/// The most regular expressions of a filter, with those of its presets: each takes memory.
const REGEXES: usize = 50;

/// The world that a filter is read in.
#[derive(Debug)]
pub struct Context<'c> {
    /// The time that `10m` is counted back from, and the time zone of times without an offset.
    pub now: &'c Zoned,
    /// Filters that were kept under a name, which `preset:NAME` stands for.
    pub presets: &'c BTreeMap<String, String>,
}

/// The rest of the text, with the state of reading it.
pub(super) type Input<'i> = Stateful<LocatingSlice<&'i str>, State<'i>>;

#[derive(Debug, Clone, Copy)]
pub(super) struct State<'i> {
    pub(super) context: &'i Context<'i>,
    pub(super) amounts: &'i Amounts,
    /// The names of the presets that are being read, the outermost first.
    pub(super) within: &'i [&'i str],
}

/// How much was read, presets included.
#[derive(Debug, Default)]
pub(super) struct Amounts {
    depth: Cell<usize>,
    terms: Cell<usize>,
    regexes: Cell<usize>,
}

/// Enters a parenthesis, a negation or a preset.
pub(super) fn deeper(input: &Input<'_>) -> Parsed<()> {
    let depth = &input.state.amounts.depth;
    depth.set(depth.get() + 1);
    if depth.get() > DEEPEST {
        return Err(Problem::new(format!("the filter is nested more than {DEEPEST} deep")).here(input));
    }
    Ok(())
}

/// Counts a condition.
pub(super) fn count_term(input: &Input<'_>, offset: usize) -> Parsed<()> {
    let terms = &input.state.amounts.terms;
    terms.set(terms.get() + 1);
    if terms.get() > TERMS {
        return Err(Problem::new(format!("the filter has more than {TERMS} conditions")).at(offset));
    }
    Ok(())
}

/// Leaves as many as that.
pub(super) fn shallower(input: &Input<'_>, levels: usize) {
    let depth = &input.state.amounts.depth;
    depth.set(depth.get().saturating_sub(levels));
}

/// Counts a regular expression.
pub(super) fn count_regex(input: &Input<'_>, offset: usize) -> Parsed<()> {
    let regexes = &input.state.amounts.regexes;
    regexes.set(regexes.get() + 1);
    if regexes.get() > REGEXES {
        return Err(
            Problem::new(format!("the filter has more than {REGEXES} regular expressions")).at(offset)
        );
    }
    Ok(())
}
