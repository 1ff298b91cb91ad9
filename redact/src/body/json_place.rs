//! The place in a JSON document at which a scanner is: the objects and arrays around it, and the decision about the
//! value that comes next.

use std::borrow::Cow;

use super::cx::{Cx, is_id};
use crate::how::How;
use crate::names::{Decision, Position, Shape, Treatment};

/// An open object or array.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) is_object: bool,
    pub(super) expects_key: bool,
    pub(super) position: Position,
    pub(super) index: usize,
    /// True while nothing was decided about an array's next element.
    pub(super) is_due: bool,
    /// All in it is secret, or all stays.
    inherited: Option<Owned>,
    /// The decision about a pair's value, by its name: `{"name": …, "value": …}`.
    pub(super) pair: Option<Owned>,
}

/// A decision, which outlives a piece.
#[derive(Debug, Clone)]
pub(super) struct Owned {
    /// `None`: the value stays.
    kind: Option<Box<str>>,
    how: How,
    shape: Shape,
    whole: bool,
}

/// The value that comes next.
#[derive(Debug, Default)]
pub(super) struct Member {
    position: Position,
    /// The decision by its own name or path, or by what is around it.
    pub(super) secret: Option<Owned>,
    /// True if it is a pair's name.
    pub(super) names_pair: bool,
    pub(super) is_id: bool,
}

impl Owned {
    /// The rest of a decision.
    pub(super) fn of(decision: Decision<'_>) -> Option<Self> {
        match decision {
            Decision::Replace(Treatment { kind, how, shape, whole }) => {
                Some(Self { kind: Some(kind.into()), how, shape, whole })
            }
            Decision::Keep => Some(Self { kind: None, how: How::Seal, shape: Shape::All, whole: true }),
            Decision::Look => None,
        }
    }
}

impl Member {
    /// A document's root.
    pub(super) fn root(cx: &Cx<'_, '_>) -> Self {
        Self { position: cx.redactor.names.root(cx.on), ..Self::default() }
    }

    /// An element of the array `frame`.
    pub(super) fn of(position: Position, decision: Decision<'_>, frame: &Frame) -> Self {
        let secret = Owned::of(decision).or_else(|| frame.inherited.clone());
        Self { position, secret, ..Self::default() }
    }

    /// The member `name` of the object `frame`. One that speaks about a secret is none because of what is around it.
    pub(super) fn named(position: Position, decision: Decision<'_>, frame: &Frame, name: &[u8]) -> Self {
        let inherited = || frame.inherited.clone().filter(|owned| owned.whole || !is_about(name));
        let secret = Owned::of(decision).or_else(inherited);
        Self { position, secret, names_pair: is_name_key(name), is_id: is_id(name) }
    }

    /// Returns whether it stays as it is, whatever is in it.
    pub(super) fn is_kept(&self) -> bool {
        self.secret.as_ref().is_some_and(|owned| owned.kind.is_none())
    }

    /// The way to replace `value` (decoded), if it is a secret.
    pub(super) fn secret(&self, value: &[u8]) -> Option<(Cow<'static, str>, How)> {
        let Owned { kind, how, shape, whole } = self.secret.as_ref()?;
        let kind = kind.as_deref()?;
        let treatment = Treatment { kind, how: *how, shape: *shape, whole: *whole };
        treatment.takes(value).then(|| (Cow::Owned(kind.to_owned()), *how))
    }
}

impl Frame {
    /// The frame that `member` opens.
    pub(super) fn within(member: Member, is_object: bool) -> Self {
        Self {
            is_object,
            expects_key: is_object,
            position: member.position,
            index: 0,
            is_due: false,
            inherited: member.secret,
            pair: None,
        }
    }
}

/// Returns whether `key` is one of `known`; most are told apart by length and first letter.
fn is_one_of(known: &[&[u8]], key: &[u8]) -> bool {
    let may_be = |known: &&&[u8]| known.len() == key.len() && known[0] == key[0] | 32;
    known.iter().filter(may_be).any(|known| key.eq_ignore_ascii_case(known))
}

/// Returns whether a pair's name stands under `key`.
pub(super) fn is_name_key(key: &[u8]) -> bool {
    const KEYS: [&[u8]; 7] = [b"name", b"key", b"field", b"header", b"param", b"parameter", b"property"];
    is_one_of(&KEYS, key)
}

/// Returns whether a pair's value stands under `key`.
pub(super) fn is_value_key(key: &[u8]) -> bool {
    const KEYS: [&[u8]; 3] = [b"value", b"val", b"values"];
    is_one_of(&KEYS, key)
}

/// Returns whether a member of a secret's object speaks about the secret: its type, its times, its rules.
fn is_about(key: &[u8]) -> bool {
    const KEYS: [&str; 43] = [
        "$ref",
        "checksum",
        "enum",
        "example",
        "examples",
        "integrity",
        "license",
        "resolved",
        "version",
        "type",
        "format",
        "description",
        "title",
        "minlength",
        "maxlength",
        "min_length",
        "max_length",
        "pattern",
        "required",
        "label",
        "placeholder",
        "hint",
        "help",
        "message",
        "messages",
        "error",
        "errors",
        "status",
        "state",
        "enabled",
        "algorithm",
        "alg",
        "name",
        "id",
        "scope",
        "scopes",
        "expires",
        "expires_in",
        "expiresin",
        "expires_at",
        "created_at",
        "updated_at",
        "token_type",
    ];
    // The last words of others: `secretName`, `defaultMode`.
    const LAST: [&str; 14] = [
        "Name", "name", "Mode", "mode", "Type", "type", "Version", "version", "Path", "path", "Arn", "arn",
        "Format", "format",
    ];
    let ends = |last: &&str| {
        let before = key.strip_suffix(last.as_bytes()).and_then(<[u8]>::last);
        let is_capital = last.as_bytes()[0].is_ascii_uppercase();
        before.is_some_and(|before| {
            if is_capital { before.is_ascii_lowercase() } else { matches!(before, b'_' | b'-') }
        })
    };
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known.as_bytes())) || LAST.iter().any(ends)
}
