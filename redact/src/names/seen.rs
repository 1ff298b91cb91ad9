//! Memory of names that were looked up: the names of one program's traffic are few, and come again and again.

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
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// 255 where no name is.
    length: u8,
    group: u8,
    name: [u8; LONGEST],
    class: Option<Class>,
}

const FREE: Slot = Slot { length: u8::MAX, group: 0, name: [0; LONGEST], class: None };

impl Seen {
    /// The class of `name` in `group`, found by `look_up` if it is not remembered.
    #[inline]
    pub(super) fn class(
        &mut self,
        group: u8,
        name: &[u8],
        look_up: impl FnOnce(&[u8]) -> Option<Class>,
    ) -> Option<Class> {
        if name.len() > LONGEST {
            return look_up(name);
        }
        if self.slots.is_empty() {
            self.slots = vec![[FREE; 2]; SLOTS / 2];
        }
        let slots = &mut self.slots[place(group, name)];
        match slots.iter().find(|slot| slot.is(group, name)) {
            Some(slot) => slot.class,
            None => {
                slots[1] = slots[0];
                slots[0] = Slot::new(group, name, look_up(name));
                slots[0].class
            }
        }
    }
}

impl Slot {
    #[inline]
    fn is(&self, group: u8, name: &[u8]) -> bool {
        usize::from(self.length) == name.len() && self.group == group && self.name[..name.len()] == *name
    }

    fn new(group: u8, name: &[u8], class: Option<Class>) -> Self {
        let mut slot = Self { length: u8::try_from(name.len()).unwrap_or(u8::MAX), group, class, ..FREE };
        slot.name[..name.len()].copy_from_slice(name);
        slot
    }
}

/// A place that the first and last bytes of a name say, and its length: names that differ between them share one.
#[inline]
fn place(group: u8, name: &[u8]) -> usize {
    let (first, last) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
            }
            _ => (name.first().copied().unwrap_or(0).into(), name.last().copied().unwrap_or(0).into()),
        },
    };
    let mixed = (first ^ last.rotate_left(23) ^ u64::from(group) << 56 ^ name.len() as u64)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 54) as usize % (SLOTS / 2)
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
                    seen.class(0, name.as_bytes(), |_| {
                        asked += 1;
                        None
                    }),
                    None
                );
            }
        }
        assert_eq!(asked, 4);
        seen.class(1, b"a", |_| {
            asked += 1;
            None
        });
        assert_eq!(asked, 5, "groups are apart");
        let long = "x".repeat(47);
        for _ in 0..2 {
            seen.class(0, long.as_bytes(), |_| {
                asked += 1;
                None
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
