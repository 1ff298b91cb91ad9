//! The clients of which most was dropped because they held more than their share.

use std::collections::HashMap;

use crate::budget::Source;

/// Clients that are remembered: beyond, the one with the fewest goes, and its count stays with the one that comes, as
/// in the Space-Saving algorithm: so whoever has many is never missed.
const REMEMBERED: usize = 64;

/// Exchanges dropped as beyond their client's share, by client, since the start.
#[derive(Debug, Default)]
pub(crate) struct Heaviest(HashMap<Source, u64>);

impl Heaviest {
    /// One exchange more.
    pub(crate) fn note(&mut self, source: Source) {
        let known = self.0.get(&source).copied();
        let before = known.unwrap_or_else(|| self.room());
        self.0.insert(source, before + 1);
    }

    /// Makes room for one more; the count of the one that goes for it.
    fn room(&mut self) -> u64 {
        if self.0.len() < REMEMBERED {
            return 0;
        }
        let least = self.0.iter().min_by_key(|(_, count)| **count).map(|(source, _)| *source);
        least.and_then(|source| self.0.remove(&source)).unwrap_or(0)
    }

    /// The first `most` of them, the heaviest first.
    pub(crate) fn first(&self, most: usize) -> Vec<(Source, u64)> {
        let mut all: Vec<_> = self.0.iter().map(|(source, count)| (*source, *count)).collect();
        all.sort_unstable_by_key(|(source, count)| (std::cmp::Reverse(*count), *source));
        all.truncate(most);
        all
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn source(number: u32) -> Source {
        IpAddr::from(Ipv4Addr::from_bits(number)).into()
    }

    #[test]
    fn the_heaviest_come_first() {
        let mut heaviest = Heaviest::default();
        [1, 2, 2, 3, 2, 3].into_iter().for_each(|number| heaviest.note(source(number)));
        assert_eq!(heaviest.first(2), [(source(2), 3), (source(3), 2)]);
    }

    #[test]
    fn many_others_do_not_hide_one() {
        let mut heaviest = Heaviest::default();
        for number in 0..10_000 {
            heaviest.note(source(number));
            if number % 10 == 0 {
                heaviest.note(source(77_777));
            }
        }
        assert_eq!(heaviest.first(1)[0].0, source(77_777));
        assert_eq!(heaviest.first(usize::MAX).len(), REMEMBERED);
    }
}
