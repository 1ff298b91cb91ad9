//! Decisions about values by their names: headers, cookies, parameters of URLs and forms, keys of JSON.

mod decision;
mod entries;
mod paths;
mod scope;
mod seen;
mod short;
mod treatment;
mod uses;
mod value;
mod vocabulary;
mod words;

pub(crate) use self::decision::{Decision, Place};
pub(crate) use self::entries::{Entry, NameRules};
pub(crate) use self::paths::{MOST_STEPS, Path, Position, To, parse as parse_path};
pub(crate) use self::scope::Scope;
use self::scope::Scopes;
use self::seen::Known;
pub(crate) use self::seen::Seen;
use self::short::Short;
pub(crate) use self::treatment::{Shape, Treatment};
pub(crate) use self::uses::{Uses, is_id, is_pair_name};
use self::vocabulary::Class;
use crate::how::{How, On};

/// Decides about names for one exchange.
#[derive(Debug)]
pub(crate) struct Names<'s> {
    rules: &'s NameRules,
    scopes: Scopes,
    seen: &'s mut Seen,
}

impl<'s> Names<'s> {
    /// Decides under `rules` for an exchange with `host`.
    pub(crate) fn new(rules: &'s NameRules, seen: &'s mut Seen, host: &str) -> Self {
        Self { rules, scopes: rules.scopes(host), seen }
    }

    /// The decision about the value of `name`, which is decoded.
    #[inline]
    pub(crate) fn decide(&mut self, on: On, place: Place, name: &[u8]) -> Decision<'s> {
        match self.rules.entry(self.scopes, on, place, name) {
            Some(entry) => self.rules.decision(entry),
            None => self.built_in(place, name),
        }
    }

    /// The decision where no rule decides.
    fn built_in(&mut self, place: Place, name: &[u8]) -> Decision<'s> {
        let rules = self.rules;
        if !rules.built_in {
            return Decision::Look;
        }
        if place == Place::Cookie {
            return Decision::Replace(Treatment {
                shape: Shape::Any,
                ..Treatment::new("cookie", rules.how(How::Seal))
            });
        }
        let class = self.known(place, name).class;
        self.by_class(class)
    }

    /// All that a name says, whatever the rules are.
    #[inline]
    fn known(&mut self, place: Place, name: &[u8]) -> Known {
        let look_up = |name: &[u8]| Known { class: vocabulary::class(place, name), uses: Uses::of(name) };
        self.seen.known(place as u8, name, look_up)
    }

    /// The decision about the value of a name of this class.
    #[inline]
    fn by_class(&self, class: Option<Class>) -> Decision<'s> {
        class.map_or(Decision::Look, |class| {
            Decision::Replace(Treatment {
                kind: class.kind,
                how: self.rules.how(class.how),
                shape: class.shape,
                whole: false,
            })
        })
    }

    /// The position of a JSON document's root, from which paths lead.
    #[inline]
    pub(crate) fn root(&self, on: On) -> Position {
        self.rules.paths().root(self.scopes, on)
    }

    /// The position of the member `name` (decoded) of the object at `position`, the decision about its value, and the
    /// other uses of its name.
    #[inline]
    pub(crate) fn member(
        &mut self,
        on: On,
        position: Position,
        name: &[u8],
    ) -> (Position, Decision<'s>, Uses) {
        let Known { class, uses } = self.known(Place::Json, name);
        let (next, by_path) = self.rules.paths().member(position, name);
        let by_name = self.rules.entry(self.scopes, on, Place::Json, name);
        let decision = match by_path.into_iter().chain(by_name).min() {
            Some(entry) => self.rules.decision(entry),
            None => self.by_class(class.filter(|_| self.rules.built_in)),
        };
        (next, decision, uses)
    }

    /// The uses of the name of a member to which no path leads, if it surely gives no secret away.
    #[inline]
    pub(crate) fn silent(&self, on: On, name: &[u8]) -> Option<Uses> {
        let uses = self.seen.silent(Place::Json as u8, name)?;
        self.rules.entry(self.scopes, on, Place::Json, name).is_none().then_some(uses)
    }

    /// Returns whether a member's name surely gives no secret away, not even as a pair's value, where no path leads to it.
    #[inline(never)]
    pub(crate) fn is_silent(&mut self, on: On, name: &[u8]) -> bool {
        let Known { class, uses } = self.known(Place::Json, name);
        class.is_none()
            && !uses.is_pair_value
            && self.rules.entry(self.scopes, on, Place::Json, name).is_none()
    }

    /// The same for a name of `length` bytes, fifteen or fewer, at the beginning of `sixteen`.
    #[inline]
    pub(crate) fn is_short_silent(&mut self, on: On, sixteen: &[u8; 16], length: usize) -> bool {
        let short = Short::of(sixteen, length);
        if self.rules.has_entries() {
            return self.is_silent(on, &sixteen[..length]);
        }
        self.seen.members().contains(short) || {
            let is_silent = self.is_silent(on, &sixteen[..length]);
            if is_silent {
                self.seen.members().insert(short);
            }
            is_silent
        }
    }

    /// Returns whether nothing is said of the field `name`, and its value is of one part.
    #[inline(never)]
    pub(crate) fn is_silent_field(&mut self, on: On, name: &[u8], is_of_one_part: fn(&[u8]) -> bool) -> bool {
        is_of_one_part(name) && matches!(self.decide(on, Place::Header, name), Decision::Look)
    }

    /// The same for a name of `length` bytes, fifteen or fewer, at the beginning of `sixteen`.
    #[inline]
    pub(crate) fn is_short_silent_field(
        &mut self,
        on: On,
        sixteen: &[u8; 16],
        length: usize,
        is_of_one_part: fn(&[u8]) -> bool,
    ) -> bool {
        let short = Short::of(sixteen, length);
        if self.rules.has_entries() || !self.rules.built_in {
            return self.is_silent_field(on, &sixteen[..length], is_of_one_part);
        }
        self.seen.fields().contains(short) || {
            let is_silent = self.is_silent_field(on, &sixteen[..length], is_of_one_part);
            if is_silent {
                self.seen.fields().insert(short);
            }
            is_silent
        }
    }

    /// The position of the element `index` of an array, and the decision about it: `Look` where no path leads to it. Elements of an array that is
    /// itself to be replaced by its name's decision are the scanner's to replace.
    #[inline]
    pub(crate) fn element(&mut self, position: Position, index: usize) -> (Position, Decision<'s>) {
        let (next, entry) = self.rules.paths().element(position, index);
        (next, entry.map_or(Decision::Look, |entry| self.rules.decision(entry)))
    }
}

/// Returns whether `least` bytes of a value look like chance, and it is no UUID and no placeholder.
pub(crate) fn is_random(value: &[u8], least: usize) -> bool {
    value::is_random(value, least, value::Randomness::Strict) && !crate::placeholder::has_secret(value)
}

/// Returns whether a value is a name of letters in words, as code has them: `defaultTokenType`.
pub(crate) fn is_identifier(value: &[u8]) -> bool {
    value.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_') && value::is_wordy(value)
}

/// The kind of the secrets that `name` gives away, and how they are replaced where nothing else is said.
pub(crate) fn usual(place: Place, name: &[u8]) -> Option<(&'static str, How)> {
    match place {
        Place::Cookie => Some(("cookie", How::Seal)),
        _ => vocabulary::class(place, name).map(|class| (class.kind, class.how)),
    }
}

#[cfg(test)]
mod tests;
