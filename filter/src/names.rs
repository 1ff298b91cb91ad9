//! Values that have names: levels, states, versions, failures, marks.

use dashcam_exchange::{Level, Side, Stage, State, Version};

use crate::field::Field;

/// A set of the named values of one field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Names(pub(crate) u32);

/// A mark of an exchange, as `is:` asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flag {
    /// A user pinned it.
    Pinned,
    /// It repeats another one.
    Replay,
    /// It was answered from a recording.
    Stub,
    /// One of its bodies is stored in part only.
    Truncated,
    /// Secrets in it are replaced, or one of its bodies is withheld.
    Redacted,
    /// dashcam refused it.
    Refused,
    /// It took more than a second.
    Slow,
    /// It ended badly: failed, aborted, interrupted, refused; or with a failure.
    Error,
    /// A response came.
    Answered,
    /// No response came.
    Unanswered,
    /// Its response is CSS, JavaScript, an image or a font.
    Asset,
    /// It became a WebSocket.
    Websocket,
    /// Its request is gRPC.
    Grpc,
    /// It went over a connection that had served an exchange before.
    Reused,
    /// It is HTTP: every exchange is.
    Http,
    /// It is another protocol: no exchange is.
    NotHttp,
}

/// How long an exchange takes that is `is:slow`, in microseconds.
pub const SLOW_US: i64 = 1_000_000;

const LEVELS: &[(&str, u32)] = &[("off", 1), ("metrics", 2), ("metadata", 4), ("full", 8)];
const STATES: &[(&str, u32)] =
    &[("open", 1), ("complete", 2), ("failed", 4), ("aborted", 8), ("interrupted", 16), ("refused", 32)];
const SCHEMES: &[(&str, u32)] = &[("http", 1), ("https", 2)];
/// Names that stand for several come behind those that stand for one.
const VERSIONS: &[(&str, u32)] = &[
    ("1.0", 1),
    ("1.1", 2),
    ("2", 4),
    ("http/1.0", 1),
    ("http/1.1", 2),
    ("http/2", 4),
    ("2.0", 4),
    ("h2", 4),
    ("h1", 3),
    ("1", 3),
];
const FLAGS: &[(&str, u32)] = &[
    ("pinned", bit(Flag::Pinned)),
    ("replay", bit(Flag::Replay)),
    ("stub", bit(Flag::Stub)),
    ("truncated", bit(Flag::Truncated)),
    ("redacted", bit(Flag::Redacted)),
    ("refused", bit(Flag::Refused)),
    ("slow", bit(Flag::Slow)),
    ("error", bit(Flag::Error)),
    ("answered", bit(Flag::Answered)),
    ("unanswered", bit(Flag::Unanswered)),
    ("asset", bit(Flag::Asset)),
    ("websocket", bit(Flag::Websocket)),
    ("grpc", bit(Flag::Grpc)),
    ("reused", bit(Flag::Reused)),
    ("http", bit(Flag::Http)),
    ("tcp", bit(Flag::NotHttp)),
    ("marked", bit(Flag::Pinned)),
    ("ws", bit(Flag::Websocket)),
    ("failed", bit(Flag::Error)),
    ("udp", bit(Flag::NotHttp)),
    ("dns", bit(Flag::NotHttp)),
];

const fn bit(flag: Flag) -> u32 {
    1 << flag as u32
}

impl Flag {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Pinned,
        Self::Replay,
        Self::Stub,
        Self::Truncated,
        Self::Redacted,
        Self::Refused,
        Self::Slow,
        Self::Error,
        Self::Answered,
        Self::Unanswered,
        Self::Asset,
        Self::Websocket,
        Self::Grpc,
        Self::Reused,
        Self::Http,
        Self::NotHttp,
    ];
}

impl Names {
    /// One mark.
    #[must_use]
    pub const fn flag(flag: Flag) -> Self {
        Self(bit(flag))
    }

    /// Returns whether `flag` is among them.
    #[must_use]
    pub const fn has_flag(self, flag: Flag) -> bool {
        self.0 & bit(flag) != 0
    }

    /// Returns whether `level` is among them.
    #[must_use]
    pub const fn has_level(self, level: Level) -> bool {
        self.0 >> (level as u32) & 1 == 1
    }

    /// Returns whether `state` is among them.
    #[must_use]
    pub const fn has_state(self, state: State) -> bool {
        self.0 >> (state as u32) & 1 == 1
    }

    /// Returns whether `version` is among them.
    #[must_use]
    pub const fn has_version(self, version: Version) -> bool {
        self.0 >> (version as u32) & 1 == 1
    }

    /// Returns whether `scheme` is among them.
    #[must_use]
    pub const fn has_scheme(self, scheme: dashcam_exchange::Scheme) -> bool {
        self.0 >> (scheme as u32) & 1 == 1
    }

    /// Returns whether a failure on `side` at `stage` is among them.
    #[must_use]
    pub const fn has_failure(self, side: Side, stage: Stage) -> bool {
        self.0 >> failure(side, stage) & 1 == 1
    }

    /// The one names of those that `field` has.
    pub(crate) fn of(self, field: &Field) -> Vec<String> {
        if *field == Field::Fail {
            let all = failures().filter(|(side, stage)| self.has_failure(*side, *stage));
            return all.map(|(side, stage)| format!("{side}/{stage}")).collect();
        }
        let (mut left, mut names) = (self.0, Vec::new());
        for (name, bits) in table(field) {
            if bits.is_power_of_two() && left & bits != 0 {
                left &= !bits;
                names.push((*name).to_owned());
            }
        }
        names
    }

    /// Those that `name` stands for, whatever its case.
    pub(crate) fn named(field: &Field, name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        if *field == Field::Fail {
            return failure_named(&name);
        }
        table(field).iter().find(|(known, _)| *known == name).map(|(_, bits)| Self(*bits))
    }
}

/// The names that `field` has, each with its bits.
pub(crate) fn table(field: &Field) -> &'static [(&'static str, u32)] {
    match field {
        Field::Level => LEVELS,
        Field::State => STATES,
        Field::Scheme => SCHEMES,
        Field::Version => VERSIONS,
        Field::Is => FLAGS,
        _ => &[],
    }
}

const fn failure(side: Side, stage: Stage) -> u32 {
    side as u32 * Stage::ALL.len() as u32 + stage as u32
}

/// All sides with all stages.
pub fn failures() -> impl Iterator<Item = (Side, Stage)> {
    Side::ALL.iter().flat_map(|side| Stage::ALL.iter().map(|stage| (*side, *stage)))
}

/// `SIDE`, `STAGE` or `SIDE/STAGE`; of stages the beginning is enough.
fn failure_named(name: &str) -> Option<Names> {
    let (side, stage) = match name.split_once('/') {
        Some((side, stage)) => (side, stage),
        None if Side::parse(name).is_some() => (name, ""),
        None => ("", name),
    };
    let named = failures()
        .filter(|(of, at)| (side.is_empty() || of.as_str() == side) && at.as_str().starts_with(stage));
    let bits = named.fold(0, |bits, (side, stage)| bits | 1 << failure(side, stage));
    (bits != 0 && !name.is_empty() && name != "/").then_some(Names(bits))
}
