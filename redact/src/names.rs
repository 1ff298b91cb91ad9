//! Decisions about values by their names: headers, cookies, parameters of URLs and forms, keys of JSON.

mod paths;
mod seen;

pub(crate) use self::paths::Position;
pub(crate) use self::seen::Seen;
use crate::how::{How, On};

/// Where a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// A header field.
    Header,
    /// A cookie, in `Cookie` or `Set-Cookie`.
    Cookie,
    /// A parameter of a URL.
    Query,
    /// A field of a form.
    Form,
    /// A member of a JSON object.
    Json,
}

/// The decision about the value of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision<'s> {
    /// It is replaced, if [`Treatment::takes`] it.
    Replace(Treatment<'s>),
    /// It is left as it is: no detector looks at it.
    Keep,
    /// Its name says nothing: it is a text like others, for detectors to look at.
    Look,
}

/// The way to replace a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Treatment<'s> {
    /// The kind that stands in placeholders.
    pub(crate) kind: &'s str,
    /// How it is replaced.
    pub(crate) how: How,
}

/// The rules of a set that go by names.
#[derive(Debug, Default)]
pub(crate) struct NameRules {}

/// Decides about names for one exchange.
#[derive(Debug)]
pub(crate) struct Names<'s> {
    rules: &'s NameRules,
    seen: &'s mut Seen,
}

impl<'s> Names<'s> {
    /// Decides under `rules` for an exchange with `host`.
    pub(crate) fn new(rules: &'s NameRules, seen: &'s mut Seen, _host: &str) -> Self {
        Self { rules, seen }
    }

    /// The decision about the value of `name`, which is decoded.
    pub(crate) fn decide(&mut self, _on: On, _place: Place, name: &[u8]) -> Decision<'s> {
        match name {
            b"password" => Decision::Replace(Treatment { kind: "password", how: How::Seal }),
            _ => Decision::Look,
        }
    }

    /// The position of a JSON document's root, from which paths lead.
    pub(crate) fn root(&self, _on: On) -> Position {
        Position::default()
    }

    /// The position of the member `name` (decoded) of the object at `position`, and the decision about its value.
    pub(crate) fn member(&mut self, on: On, position: Position, name: &[u8]) -> (Position, Decision<'s>) {
        (position, self.decide(on, Place::Json, name))
    }

    /// The same of the element `index` of an array. Elements of an array that is itself to be replaced by its name's
    /// decision are the scanner's to replace.
    pub(crate) fn element(&mut self, _on: On, position: Position, _index: usize) -> (Position, Decision<'s>) {
        (position, Decision::Look)
    }
}

impl Treatment<'_> {
    /// Returns whether `value` (decoded, without quotes) may be a secret: not if it is empty, `true`, `false`, `null`,
    /// asterisks, or a placeholder.
    pub(crate) fn takes(&self, value: &[u8]) -> bool {
        !matches!(value, b"" | b"true" | b"false" | b"null") && !value.starts_with(b"~")
    }
}
