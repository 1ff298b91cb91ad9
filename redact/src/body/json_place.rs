//! The place in a JSON document at which a scanner is: the objects and arrays around it, and the decision about the
//! value that comes next.

use std::borrow::Cow;
use std::ops::Range;

use super::cx::Cx;
use super::escapes::Escapes;
use crate::how::How;
use crate::names::{Decision, Place, Position, Shape, Treatment, Uses};

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
    inherited: Option<Box<Owned>>,
    /// The decision about a pair's value, by its name: `{"name": …, "value": …}`.
    pub(super) pair: Option<Box<Owned>>,
    /// Where that name stands in the piece at hand, if nothing is decided by it yet: most objects with a name have no
    /// value beside it.
    pub(super) pair_name: Option<(Range<usize>, Escapes)>,
}

/// A decision, which outlives a piece. There are few: most names say nothing.
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
    pub(super) secret: Option<Box<Owned>>,
    /// True if it is a pair's name.
    pub(super) names_pair: bool,
    pub(super) is_id: bool,
}

impl Owned {
    /// The rest of a decision.
    #[inline]
    pub(super) fn of(decision: Decision<'_>) -> Option<Box<Self>> {
        match decision {
            Decision::Look => None,
            decision => Some(Box::new(Self::made(decision))),
        }
    }

    #[cold]
    fn made(decision: Decision<'_>) -> Self {
        match decision {
            Decision::Replace(Treatment { kind, how, shape, whole }) => {
                Self { kind: Some(kind.into()), how, shape, whole }
            }
            Decision::Keep | Decision::Look => {
                Self { kind: None, how: How::Seal, shape: Shape::All, whole: true }
            }
        }
    }
}

impl Member {
    /// A document's root.
    #[inline]
    pub(super) fn root(cx: &Cx<'_, '_>) -> Self {
        Self { position: cx.redactor.names.root(cx.on), ..Self::default() }
    }

    /// One that says nothing of a secret, and neither does what is around it.
    #[inline]
    pub(super) fn plain(names_pair: bool, is_id: bool) -> Self {
        Self { position: Position::default(), secret: None, names_pair, is_id }
    }

    /// Returns whether no path leads into it, and nothing is known of it.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.position == Position::default() && self.secret.is_none()
    }

    /// An element of the array `frame`.
    #[inline]
    pub(super) fn of(position: Position, decision: Decision<'_>, frame: &Frame) -> Self {
        let secret = Owned::of(decision).or_else(|| frame.inherited.clone());
        Self { position, secret, ..Self::default() }
    }

    /// The member `name` of the object `frame`. One that speaks about a secret is none because of what is around it.
    #[inline]
    pub(super) fn named(
        (position, decision, uses): (Position, Decision<'_>, Uses),
        frame: &Frame,
        name: &[u8],
    ) -> Self {
        let inherited = || frame.inherited.clone().filter(|owned| owned.whole || !is_about(name));
        let secret = Owned::of(decision).or_else(inherited);
        Self { position, secret, names_pair: uses.is_pair_name, is_id: uses.is_id }
    }

    /// Returns whether it stays as it is, whatever is in it.
    #[inline]
    pub(super) fn is_kept(&self) -> bool {
        self.secret.as_ref().is_some_and(|owned| owned.kind.is_none())
    }

    /// The way to replace `value` (decoded), if it is a secret.
    pub(super) fn secret(&self, value: &[u8]) -> Option<(Cow<'static, str>, How)> {
        let Owned { kind, how, shape, whole } = self.secret.as_deref()?;
        let kind = kind.as_deref()?;
        let treatment = Treatment { kind, how: *how, shape: *shape, whole: *whole };
        treatment.takes(value).then(|| (Cow::Owned(kind.to_owned()), *how))
    }
}

impl Frame {
    /// Returns whether no path leads further, and nothing is known of what is in it.
    #[inline]
    pub(super) fn says_nothing(&self) -> bool {
        self.position == Position::default() && self.inherited.is_none() && self.pair.is_none()
    }

    /// The frame that `member` opens.
    #[inline]
    pub(super) fn within(member: Member, is_object: bool) -> Self {
        Self {
            is_object,
            expects_key: is_object,
            position: member.position,
            index: 0,
            is_due: false,
            inherited: member.secret,
            pair: None,
            pair_name: None,
        }
    }

    /// Decides about the pair whose name stands in `piece`, if nothing is decided by it yet.
    pub(super) fn decide_pair(&mut self, cx: &mut Cx<'_, '_>, piece: &[u8]) {
        if let Some((range, escapes)) = self.pair_name.take() {
            let name = escapes.undone(&piece[range]);
            self.pair = Owned::of(cx.redactor.names.decide(cx.on, Place::Json, &name));
        }
    }
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
