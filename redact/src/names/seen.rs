//! Memory of names that were looked up: the names of one program's traffic are few, and come again and again.

use super::short::Silent;
use super::uses::Uses;
use super::vocabulary::Class;

/// How many names are remembered.
const SLOTS: usize = 1024;
/// Longer names are not.
const LONGEST: usize = 46;

/// Names that were looked up lately, and what they say. Two have the same place, from
/// which the next one there drives the older out.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    slots: Vec<[Slot; 2]>,
    members: Silent,
    fields: Silent,
}

/// All that a name says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// The secrets that it gives away.
    pub(super) class: Option<Class>,
    pub(super) uses: Uses,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    key: Key,
    known: Known,
    /// True if it gives no secret away.
    is_silent: bool,
    /// All of the name.
    name: [u8; LONGEST],
}

/// A name as it is told from others: all of it, if it has sixteen bytes or fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    /// The first eight bytes and the last; of shorter names, all bytes in an order of their own.
    first: u64,
    last: u64,
    /// 255 where no name is.
    length: u8,
    group: u8,
}

const FREE: Slot = Slot {
    key: Key { first: 0, last: 0, length: u8::MAX, group: 0 },
    known: Known { class: None, uses: Uses::NONE },
    is_silent: true,
    name: [0; LONGEST],
};

impl Seen {
    /// All that `name` says in `group`, found by `look_up` if it is not remembered.
    #[inline]
    pub(super) fn known(&mut self, group: u8, name: &[u8], look_up: impl FnOnce(&[u8]) -> Known) -> Known {
        match self.slot(group, name) {
            Ok(slot) => slot.known,
            Err(key) => {
                let known = look_up(name);
                self.remember(key, name, known);
                known
            }
        }
    }

    /// Members' names that give no secret away, nor are those of pairs' values.
    #[inline]
    pub(super) fn members(&mut self) -> &mut Silent {
        &mut self.members
    }

    /// Fields' names that give no secret away, with values of one part.
    #[inline]
    pub(super) fn fields(&mut self) -> &mut Silent {
        &mut self.fields
    }

    /// The uses of `name` if it is remembered as one that gives no secret away.
    #[inline]
    pub(super) fn silent(&self, group: u8, name: &[u8]) -> Option<Uses> {
        self.slot(group, name).ok().filter(|slot| slot.is_silent).map(|slot| slot.known.uses)
    }

    /// Where `name` is remembered; if it is not, the key to remember it by, which long names have none of.
    #[inline]
    fn slot(&self, group: u8, name: &[u8]) -> Result<&Slot, Option<Key>> {
        let key = Key::of(group, name).ok_or(None)?;
        match self.slots.get(key.place()) {
            Some([first, _]) if first.is(&key, name) => Ok(first),
            Some([_, second]) if second.is(&key, name) => Ok(second),
            _ => Err(Some(key)),
        }
    }

    #[cold]
    fn remember(&mut self, key: Option<Key>, name: &[u8], known: Known) {
        let Some(key) = key else { return };
        if self.slots.is_empty() {
            self.slots = vec![[FREE; 2]; SLOTS / 2];
        }
        let slots = &mut self.slots[key.place()];
        slots[1] = slots[0];
        slots[0] = Slot { key, known, is_silent: known.class.is_none(), ..FREE };
        slots[0].name[..name.len()].copy_from_slice(name);
    }
}

impl Slot {
    #[inline]
    fn is(&self, key: &Key, name: &[u8]) -> bool {
        self.key == *key && (name.len() <= 16 || self.name[..name.len()] == *name)
    }
}

impl Key {
    /// The key of a name that is not too long.
    #[inline]
    fn of(group: u8, name: &[u8]) -> Option<Self> {
        let length = u8::try_from(name.len()).ok().filter(|_| name.len() <= LONGEST)?;
        let (first, last) = match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (name.first_chunk(), name.last_chunk()) {
                (Some(first), Some(last)) => {
                    (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
                }
                _ => match name {
                    [] => (0, 0),
                    [first, .., last] => {
                        (u16::from_le_bytes([*first, name[name.len() / 2]]).into(), u64::from(*last))
                    }
                    [one] => (u64::from(*one), 0),
                },
            },
        };
        Some(Self { first, last, length, group })
    }

    /// The place where it is kept: names of which only bytes between the first eight and the last are others share one.
    #[inline]
    fn place(&self) -> usize {
        let mixed =
            (self.first ^ self.last.rotate_left(23) ^ u64::from(self.group) << 56 ^ u64::from(self.length))
                .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 54) as usize % (SLOTS / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::how::{How, On};
    use crate::names::{Decision, NameRules, Names, Place};

    #[test]
    fn names_are_looked_up_once() {
        let (mut seen, mut asked) = (Seen::default(), 0);
        for _ in 0..3 {
            for name in ["a", "content-type", "", "a-name-of-forty-six-bytes-which-is-the-longest"] {
                assert_eq!(
                    seen.known(0, name.as_bytes(), |_| {
                        asked += 1;
                        Known::default()
                    }),
                    Known::default()
                );
            }
        }
        assert_eq!(asked, 4);
        seen.known(1, b"a", |_| {
            asked += 1;
            Known::default()
        });
        assert_eq!(asked, 5, "groups are apart");
        let long = "x".repeat(47);
        for _ in 0..2 {
            seen.known(0, long.as_bytes(), |_| {
                asked += 1;
                Known::default()
            });
        }
        assert_eq!(asked, 7);
    }

    #[test]
    fn names_decide_again_as_before() {
        let (mut rules, mut seen) = (NameRules::default(), Seen::default());
        rules.built_in = true;
        for _ in 0..2 {
            let mut names = Names::new(&rules, &mut seen, "api.example");
            assert_eq!(names.decide(On::Request, Place::Json, b"author"), Decision::Look);
            let Decision::Replace(treatment) = names.decide(On::Request, Place::Json, b"password") else {
                panic!()
            };
            assert_eq!((treatment.kind, treatment.how), ("password", How::Seal));
            let Decision::Replace(treatment) = names.decide(On::Request, Place::Cookie, b"x") else {
                panic!()
            };
            assert_eq!(treatment.kind, "cookie");
        }
    }
}
