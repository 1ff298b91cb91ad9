//! A map that stays about as small as what is needed of it, whoever fills it.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// Up to this size nothing is looked through.
const SMALL: usize = 1024;

/// A map whose entries lose their use by themselves. They are looked through whenever the map has doubled, so that an
/// insertion costs the same on average however many there are.
#[derive(Debug)]
pub(crate) struct SweptMap<K, V> {
    map: HashMap<K, V>,
    sweep_at: usize,
}

impl<K, V> Default for SweptMap<K, V> {
    fn default() -> Self {
        Self { map: HashMap::new(), sweep_at: SMALL }
    }
}

impl<K: Eq + Hash, V> SweptMap<K, V> {
    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.map.get(key)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.map.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    /// Inserts an entry; if the map has doubled since it was swept, those go first that are not `needed`.
    pub(crate) fn insert(&mut self, key: K, value: V, needed: impl Fn(&V) -> bool) {
        if self.len() >= self.sweep_at {
            self.sweep(needed);
        }
        self.map.insert(key, value);
    }

    pub(crate) fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.map.remove(key)
    }

    /// Throws out what is not `needed`.
    pub(crate) fn sweep(&mut self, needed: impl Fn(&V) -> bool) {
        self.map.retain(|_, value| needed(value));
        self.sweep_at = SMALL.max(self.len() * 2);
        self.map.shrink_to(self.sweep_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stays_small_whoever_fills_it() {
        let mut map = SweptMap::default();
        let mut largest = 0;
        for number in 0..100 * SMALL {
            // Every hundredth is needed for good.
            map.insert(number, number, |value| value % 100 == 0);
            largest = largest.max(map.len());
        }
        assert!(largest <= 2 * SMALL + SMALL, "{largest}");
        assert_eq!(map.get(&100), Some(&100));
        map.sweep(|value| *value == 100);
        assert_eq!(map.values().collect::<Vec<_>>(), [&100]);
    }
}
