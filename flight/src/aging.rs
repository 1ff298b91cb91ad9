//! A map of bounded size that forgets what was not asked for in a long time.

use std::collections::HashMap;
use std::hash::Hash;

/// A map that holds at most so many bytes. It has two generations: once the younger has filled half, it becomes the older,
/// and all that nobody asked for since the last time is forgotten.
#[derive(Debug)]
pub(crate) struct Aging<K, V> {
    young: HashMap<K, (V, usize)>,
    old: HashMap<K, (V, usize)>,
    /// Bytes that the younger generation may hold.
    half: usize,
    held: usize,
}

impl<K: Hash + Eq + Copy, V> Aging<K, V> {
    pub(crate) fn of(bytes: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), half: bytes / 2, held: 0 }
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        if !self.young.contains_key(&key)
            && let Some((value, bytes)) = self.old.remove(&key)
        {
            self.insert(key, value, bytes);
        }
        self.young.get_mut(&key).map(|(value, _)| value)
    }

    /// Puts in a value that holds `bytes`.
    pub(crate) fn insert(&mut self, key: K, value: V, bytes: usize) {
        if self.held + bytes > self.half && !self.young.is_empty() {
            self.old = std::mem::take(&mut self.young);
            self.held = 0;
        }
        self.old.remove(&key);
        let before = self.young.insert(key, (value, bytes)).map_or(0, |(_, before)| before);
        self.held = self.held + bytes - before;
    }
}

#[cfg(test)]
impl<K, V> Aging<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut map = Aging::of(100);
        map.insert(0, "often", 10);
        for number in 1..50 {
            map.insert(number, "once", 10);
            assert_eq!(map.get_mut(0), Some(&mut "often"), "after {number}");
            assert!(map.young.len() + map.old.len() <= 10);
        }
        assert_eq!(map.get_mut(1), None);
        assert_eq!(map.get_mut(49), Some(&mut "once"));
    }

    #[test]
    fn a_value_replaces_the_one_before() {
        let mut map = Aging::of(100);
        map.insert(1, "a", 30);
        map.insert(1, "b", 40);
        assert_eq!((map.get_mut(1).copied(), map.held), (Some("b"), 40));
        map.insert(2, "large", 90);
        assert_eq!(map.get_mut(2), Some(&mut "large"), "larger than all: alone");
    }
}
