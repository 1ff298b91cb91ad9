//! Rules that make no sense, and why.

use std::collections::BTreeMap;
use std::collections::HashSet;

use dashcam_filter::{Context, Field, Filter, Node, Parts, Term};
use jiff::Zoned;

use super::{DEFAULT_RULE, Rule};

/// The most rules at a time.
pub const MOST_RULES: usize = 100;
/// The longest name of a rule.
const LONGEST_NAME: usize = 64;

/// Checks the rules of a list: their names, their filters, and how many there are.
///
/// # Errors
/// The name of the first one that makes no sense, and why.
pub(crate) fn all(rules: &[Rule], largest_body_limit: u64) -> Result<(), (String, String)> {
    let mut names = HashSet::new();
    for (index, rule) in rules.iter().enumerate() {
        let invalid = |why: String| Err((rule.name.clone(), why));
        if index >= MOST_RULES {
            return invalid(format!("there are more than {MOST_RULES} rules; join some with `|`"));
        }
        if rule.name == DEFAULT_RULE {
            return invalid(format!(
                "`{DEFAULT_RULE}` is the name of the level that holds where no rule matches; choose another"
            ));
        }
        if !names.insert(rule.name.as_str()) {
            return invalid("there is another rule of that name; choose another".to_owned());
        }
        let checked = lengths(rule, largest_body_limit).and_then(|()| name(&rule.name));
        let checked = checked.and_then(|()| redaction(rule));
        if let Err(why) = checked.and_then(|()| filter(rule).map(drop)) {
            return invalid(why);
        }
    }
    Ok(())
}

/// Checks the body limit and the guarantee of a rule, also that of a lease.
///
/// # Errors
/// When one is out of range, or means nothing at the rule's level.
pub(crate) fn lengths(rule: &Rule, largest_body_limit: u64) -> Result<(), String> {
    if let Some(limit) = rule.body_limit.filter(|limit| *limit > largest_body_limit) {
        return Err(format!("body_limit is {limit} bytes; it can be at most {largest_body_limit}"));
    }
    if !rule.level.records() && !rule.guarantee.is_best_effort() {
        return Err(format!(
            "`guarantee = \"{}\"` means nothing at the level {}, which records nothing; leave it out, or choose \
             metadata or full",
            rule.guarantee, rule.level
        ));
    }
    Ok(())
}

/// Checks the set of redaction that a rule names.
///
/// # Errors
/// When it would be none.
pub(crate) fn redaction(rule: &Rule) -> Result<(), String> {
    match rule.redaction.as_deref() {
        Some("off") => {
            Err("a rule can't turn redaction off: only `set = \"off\"` in [redaction] of config.toml and \
                            `--redaction off` do, for all exchanges; name a set"
                .to_owned())
        }
        Some(set) if name(set).is_err() => Err(format!(
            "`redaction` names a set of [redaction.sets]: 1 to {LONGEST_NAME} of a-z, 0-9, `.`, `_` and `-`"
        )),
        _ => Ok(()),
    }
}

/// Checks the name of a rule.
fn name(name: &str) -> Result<(), String> {
    let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    if name.is_empty() || name.len() > LONGEST_NAME || !name.bytes().all(is_sign) {
        return Err(format!("a name has 1 to {LONGEST_NAME} of a-z, 0-9, `.`, `_` and `-`"));
    }
    Ok(())
}

/// The filter of a rule.
///
/// # Errors
/// When it can't be read, or asks for something that is never known while an exchange passes.
pub(crate) fn filter(rule: &Rule) -> Result<Filter, String> {
    let (now, presets) = (Zoned::now(), BTreeMap::new());
    let filter = Filter::parse(&rule.filter, &Context { now: &now, presets: &presets })
        .map_err(|error| error.to_string())?;
    match unanswerable(filter.tree()) {
        Some((term, why)) => Err(format!("`{term}` can't be part of a rule: {why}")),
        None => Ok(filter),
    }
}

/// The first condition that no rule can ask for, and why.
fn unanswerable(node: &Node) -> Option<(String, &'static str)> {
    match node {
        Node::All => None,
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().find_map(unanswerable),
        Node::Not(node) => unanswerable(node),
        Node::Term(term) => why_not(term).map(|why| (Node::Term(term.clone()).to_string(), why)),
    }
}

fn why_not(term: &Term) -> Option<&'static str> {
    let needs = term.needs();
    if needs.intersects(Parts::CONTENTS) {
        return Some(
            "bodies and messages are not looked into while they pass; use heads, sizes or the status",
        );
    }
    if needs.intersects(Parts::MARKS.and(Parts::NOTE)) {
        return Some("pins, comments and tags are made after an exchange was stored");
    }
    match term.field {
        Field::Level => Some("the level is what rules decide"),
        Field::Id => Some("an exchange gets its number only once it is recorded"),
        Field::At => Some("rules don't look at the clock; use `dashcam record LEVEL --for 10m` for a time"),
        Field::ReplayOf => Some("replays are recorded whatever the rules say"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::Level;

    use super::*;
    use crate::Guarantee;

    fn rule(name: &str, filter: &str) -> Rule {
        let json = serde_json::json!({"name": name, "match": filter, "level": Level::Full});
        serde_json::from_value(json).unwrap()
    }

    fn why(name: &str, filter: &str) -> Option<String> {
        all(&[rule(name, filter)], 100).err().map(|(_, why)| why)
    }

    #[test]
    fn rules_that_make_no_sense_say_why() {
        for filter in
            ["", "host:api status:5xx", "dur:>1s | fail:*", "client:10.0.0.0/8 -header.x-debug:*", "is:error"]
        {
            assert_eq!(why("a.b_c-1", filter), None, "{filter}");
        }
        for (name, filter, expect) in [
            ("", "", "1 to 64"),
            ("Upper", "", "1 to 64"),
            ("default", "", "choose another"),
            ("a", "status:", "column"),
            ("a", "body:secret", "`body:secret` can't be part of a rule: bodies"),
            ("a", "host:a | -json.a:1", "bodies"),
            ("a", "ws:ping", "bodies"),
            ("a", "is:pinned", "pins"),
            ("a", "tag:x", "pins"),
            ("a", "level:full", "the level"),
            ("a", "at:>1h", "--for"),
            ("a", "preset:mine", "preset"),
        ] {
            let why = why(name, filter).unwrap_or_default();
            assert!(why.contains(expect), "{name} {filter}: {why}");
        }
    }

    #[test]
    fn names_are_unique_and_rules_are_few() {
        assert!(all(&[rule("a", ""), rule("a", "")], 100).unwrap_err().1.contains("another rule"));
        let many: Vec<Rule> = (0..=MOST_RULES).map(|number| rule(&format!("r{number}"), "")).collect();
        assert!(all(&many[1..], 100).is_ok());
        assert!(all(&many, 100).unwrap_err().1.contains("more than 100"));
        for (level, means_something) in
            [(Level::Off, false), (Level::Metrics, false), (Level::Metadata, true), (Level::Full, true)]
        {
            let lossless = Rule { level, guarantee: Guarantee::Lossless, ..rule("a", "") };
            assert_eq!(all(&[lossless], 100).is_ok(), means_something, "{level}");
        }
        for (set, is_one) in [("payments", true), ("off", false), ("", false), ("A", false)] {
            let named = Rule { redaction: Some(set.to_owned()), ..rule("a", "") };
            assert_eq!(all(&[named], 100).is_ok(), is_one, "{set}");
        }
        let large = Rule { body_limit: Some(101), ..rule("a", "") };
        assert!(all(&[large], 100).unwrap_err().1.contains("at most 100"));
    }
}
