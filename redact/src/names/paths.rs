//! Paths into JSON documents, followed while a document is read.
//!
//! All paths of a set are one automaton: each step of each path is a bit, set where it is the next to match.

mod parse;

pub(crate) use self::parse::{Path, Step, To, parse};
use super::scope::{Scope, Scopes};
use crate::how::On;

/// The steps that the paths of one set may have together. (A path such as `$..card` is no path here, but a name.)
pub(crate) const MOST_STEPS: usize = 128;

/// A value in a JSON document, as far as paths lead to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Position(u128);

/// The paths of one set.
#[derive(Debug, Default)]
pub(crate) struct Paths {
    steps: Vec<Compiled>,
    roots: Vec<(u128, Scope)>,
}

#[derive(Debug)]
struct Compiled {
    step: Step,
    /// The entry that decides, if this is the last step.
    entry: Option<usize>,
}

impl Paths {
    /// Adds `path`, which leads to the values that `entry` decides about. False if there is no room for it.
    pub(crate) fn add(&mut self, path: Path, scope: Scope, entry: usize) -> bool {
        let first = self.steps.len();
        if first + path.len() > MOST_STEPS {
            return false;
        }
        self.roots.push((1 << first, scope));
        self.steps.extend(path.into_iter().map(|step| Compiled { step, entry: None }));
        if let Some(last) = self.steps.last_mut() {
            last.entry = Some(entry);
        }
        true
    }

    /// Where the documents of `on` begin.
    #[inline]
    pub(crate) fn root(&self, scopes: Scopes, on: On) -> Position {
        let holding = self.roots.iter().filter(|(_, scope)| scopes.hold(*scope, on));
        Position(holding.fold(0, |bits, (bit, _)| bits | bit))
    }

    /// The member `name` of the object at `position`, and the first entry that decides about it.
    #[inline]
    pub(crate) fn member(&self, position: Position, name: &[u8]) -> (Position, Option<usize>) {
        self.step(position, |step| match &step.to {
            To::Member(wanted) => wanted.as_bytes() == name,
            To::Element(_) => false,
            To::Any => true,
        })
    }

    /// The same of the element `index` of the array at `position`.
    #[inline]
    pub(crate) fn element(&self, position: Position, index: usize) -> (Position, Option<usize>) {
        self.step(position, |step| match step.to {
            To::Member(_) => false,
            To::Element(wanted) => wanted == index,
            To::Any => true,
        })
    }

    #[inline]
    fn step(&self, position: Position, matches: impl Fn(&Step) -> bool) -> (Position, Option<usize>) {
        let (mut bits, mut next, mut entry) = (position.0, 0, None);
        while bits != 0 {
            let at = bits.trailing_zeros() as usize;
            let bit = 1 << at;
            bits &= !bit;
            let Compiled { step, entry: last } = &self.steps[at];
            if step.anywhere {
                next |= bit;
            }
            if matches(step) {
                match last {
                    Some(found) => entry = Some(entry.map_or(*found, |other: usize| other.min(*found))),
                    None => next |= bit << 1,
                }
            }
        }
        (Position(next), entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places in a document (as `a.0.b`) to which `path` leads.
    fn check(path: &str, document: &str, expect: &[&str]) {
        let mut paths = Paths::default();
        assert!(paths.add(parse(path).unwrap(), Scope::default(), 3));
        let document: serde_json::Value = serde_json::from_str(document).unwrap();
        let mut found = Vec::new();
        walk(&paths, paths.root(Scopes::default(), On::Request), &document, "", &mut found);
        found.sort();
        assert_eq!(found, expect, "{path}");
    }

    fn walk(paths: &Paths, at: Position, value: &serde_json::Value, place: &str, found: &mut Vec<String>) {
        let mut visit = |(position, entry): (Position, Option<usize>), name: &str, value| {
            let place = format!("{place}.{name}").trim_start_matches('.').to_owned();
            if entry == Some(3) {
                found.push(place.clone());
            }
            walk(paths, position, value, &place, found);
        };
        match value {
            serde_json::Value::Object(members) => {
                for (name, value) in members {
                    visit(paths.member(at, name.as_bytes()), name, value);
                }
            }
            serde_json::Value::Array(elements) => {
                for (index, value) in elements.iter().enumerate() {
                    visit(paths.element(at, index), &index.to_string(), value);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn paths_lead_to_values() {
        let document = r#"{"user":{"password":1,"name":2},"password":3,"items":[{"token":4},{"token":5,"x":{"token":6}}]}"#;
        check("$.user.password", document, &["user.password"]);
        check("$.password", document, &["password"]);
        check("$..password", document, &["password", "user.password"]);
        check("$.items[*].token", document, &["items.0.token", "items.1.token"]);
        check("$.items[1].token", document, &["items.1.token"]);
        check("$.items..token", document, &["items.0.token", "items.1.token", "items.1.x.token"]);
        check("$..x.token", document, &["items.1.x.token"]);
        check("$.user.*", document, &["user.name", "user.password"]);
        check("$['user']['name']", document, &["user.name"]);
        check("$.*.name", document, &["user.name"]);
        check("$[0]", document, &[]);
        check("$[1]", "[1,2]", &["1"]);
        check("$.a.a.b", r#"{"a":{"a":{"a":{"b":1},"b":2}}}"#, &["a.a.b"]);
        check("$..a.b", r#"{"a":{"a":{"a":{"b":1},"b":2}}}"#, &["a.a.a.b", "a.a.b"]);
    }

    #[test]
    fn room_ends() {
        let mut paths = Paths::default();
        for _ in 0..MOST_STEPS / 2 {
            assert!(paths.add(parse("$.a.b").unwrap(), Scope::default(), 0));
        }
        assert!(!paths.add(parse("$.a.b").unwrap(), Scope::default(), 0));
        let (position, _) = paths.member(paths.root(Scopes::default(), On::Message), b"a");
        assert_eq!(paths.member(position, b"b"), (Position(0), Some(0)));
    }
}
