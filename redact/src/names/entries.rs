//! The rules and exceptions of a set that go by names, in the order in which they decide.

use std::collections::HashMap;

use super::decision::{Decision, Place};
use super::paths::Paths;
use super::scope::{Scope, Scopes};
use super::treatment::{Shape, Treatment};
use crate::how::{How, On};

/// One rule, or one exception.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) scope: Scope,
    /// Kind and way of replacing; `None` for an exception.
    pub(crate) replace: Option<(String, How)>,
}

/// All of a set that goes by names.
#[derive(Debug, Default)]
pub(crate) struct NameRules {
    entries: Vec<Entry>,
    /// Numbers of entries by place and name: in lower case, but for JSON.
    exact: HashMap<Place, HashMap<Vec<u8>, Vec<usize>>>,
    /// A bit for each of those names: most that are asked for have another, and are not looked up.
    bits: u64,
    /// Those whose name is a pattern.
    globs: Vec<(Place, Glob, usize)>,
    /// Those that are paths of more than a name.
    paths: Paths,
    /// The patterns of hosts, each with its bit.
    hosts: Vec<Glob>,
    /// True if the names compiled in count where no entry decides.
    pub(crate) built_in: bool,
    /// True if pseudonyms are written in the place of seals.
    pub(crate) no_seal: bool,
}

impl NameRules {
    /// Adds an entry, which decides where none before it does; returns its number.
    pub(crate) fn push(&mut self, entry: Entry) -> usize {
        self.entries.push(entry);
        self.entries.len() - 1
    }

    /// Lets `entry` decide about `name` in `place`, which is not JSON; it may have `*` in it.
    pub(crate) fn name(&mut self, place: Place, name: &str, entry: usize) {
        if name.contains('*') {
            self.globs.push((place, Glob::new(name), entry));
        } else {
            let name = name.to_ascii_lowercase().into_bytes();
            self.bits |= bit(&name);
            self.exact.entry(place).or_default().entry(name).or_default().push(entry);
        }
    }

    /// Lets `entry` decide about members of objects called `name`: `*` in it is a character like others.
    pub(crate) fn key(&mut self, name: &str, entry: usize) {
        self.bits |= bit(name.as_bytes());
        self.exact.entry(Place::Json).or_default().entry(name.as_bytes().to_vec()).or_default().push(entry);
    }

    /// The paths, for another.
    pub(crate) fn paths_mut(&mut self) -> &mut Paths {
        &mut self.paths
    }

    pub(crate) fn paths(&self) -> &Paths {
        &self.paths
    }

    /// The bit of the hosts' pattern `glob`; `None` if there is no room for one more.
    pub(crate) fn host(&mut self, glob: &str) -> Option<u64> {
        let glob = Glob::new(glob);
        let at = self.hosts.iter().position(|known| *known == glob).unwrap_or_else(|| {
            self.hosts.push(glob);
            self.hosts.len() - 1
        });
        (at < 64).then(|| 1 << at)
    }

    /// The patterns that `host` matches.
    pub(crate) fn scopes(&self, host: &str) -> Scopes {
        let matching = self.hosts.iter().enumerate().filter(|(_, glob)| glob.matches(host.as_bytes()));
        Scopes { hosts: matching.fold(0, |bits, (at, _)| bits | 1 << at) }
    }

    /// Returns whether there is any.
    #[inline]
    pub(crate) fn has_entries(&self) -> bool {
        !self.entries.is_empty()
    }

    /// The first entry that decides about `name`.
    #[inline]
    pub(crate) fn entry(&self, scopes: Scopes, on: On, place: Place, name: &[u8]) -> Option<usize> {
        if self.entries.is_empty() { None } else { self.first_of(scopes, on, place, name) }
    }

    fn first_of(&self, scopes: Scopes, on: On, place: Place, name: &[u8]) -> Option<usize> {
        let holds = |entry: &usize| scopes.hold(self.entries[*entry].scope, on);
        let exact = (self.bits & bit(name) != 0).then(|| self.exact(place, name)).flatten();
        let exact = exact.and_then(|entries| entries.iter().copied().find(holds));
        let glob =
            self.globs.iter().find(|(of, glob, entry)| *of == place && glob.matches(name) && holds(entry));
        exact.into_iter().chain(glob.map(|(_, _, entry)| *entry)).min()
    }

    fn exact(&self, place: Place, name: &[u8]) -> Option<&Vec<usize>> {
        let names = self.exact.get(&place)?;
        if place == Place::Json { names.get(name) } else { names.get(&name.to_ascii_lowercase()) }
    }

    /// The decision of the entry of this number.
    pub(crate) fn decision(&self, entry: usize) -> Decision<'_> {
        match &self.entries[entry].replace {
            Some((kind, how)) => {
                Decision::Replace(Treatment { kind, how: self.how(*how), shape: Shape::All, whole: true })
            }
            None => Decision::Keep,
        }
    }

    /// `how`, without seals where there shall be none.
    pub(crate) fn how(&self, how: How) -> How {
        if self.no_seal && how == How::Seal { How::Pseudonym } else { how }
    }
}

/// One of 64 bits, the same whatever the name's case.
fn bit(name: &[u8]) -> u64 {
    let [first, .., last] = name else { return 1 };
    1 << ((name.len() * 2 + usize::from(*first | 0x20) * 14 + usize::from(*last | 0x20) * 21) % 64)
}

/// A pattern in which `*` stands for any number of characters. Case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob(Vec<u8>);

impl Glob {
    pub(crate) fn new(pattern: &str) -> Self {
        Self(pattern.to_ascii_lowercase().into_bytes())
    }

    /// Returns whether all of `text` matches.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        let pattern = &self.0;
        let (mut at, mut within, mut star, mut tried) = (0, 0, None, 0);
        while at < text.len() {
            if pattern.get(within) == Some(&b'*') {
                (star, tried) = (Some(within), at);
                within += 1;
            } else if pattern.get(within) == Some(&text[at].to_ascii_lowercase()) {
                (at, within) = (at + 1, within + 1);
            } else if let Some(star) = star {
                tried += 1;
                (at, within) = (tried, star + 1);
            } else {
                return false;
            }
        }
        pattern[within..].iter().all(|byte| *byte == b'*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        let check = |pattern: &str, text: &str, expect: bool| {
            assert_eq!(Glob::new(pattern).matches(text.as_bytes()), expect, "{pattern} {text}");
        };
        check("*.pay.example", "api.pay.example", true);
        check("*.pay.example", "API.Pay.Example", true);
        check("*.pay.example", "pay.example", false);
        check("*.pay.example", "api.pay.example.com", false);
        check("api.*", "api.example", true);
        check("*a*b*", "xxabxxbyy", true);
        check("*a*b", "xxabxxbyy", false);
        check("*", "", true);
        check("", "", true);
        check("", "a", false);
    }
}
