//! Who holds how much of the recording: by the client's address, and by the host that was asked for.
//!
//! It is kept for blocks of exchanges that follow each other, so that the oldest ones of somebody are found without an
//! index over all, and what is deleted by age alone goes with its block. A block knows the largest holders one by one;
//! the rest are counted together.

mod count;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Bits of an exchange's number within its block.
pub(super) const BITS: u32 = 12;
/// Holders that a block tells apart.
const MOST: usize = 256;
/// Somebody is heavy who holds an even share, and this part of all the rest.
const PART: f64 = 8.0;

/// A client and a host; without names: the many that were too small to be told apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Holder {
    client: Option<Arc<str>>,
    host: Option<Arc<str>>,
}

/// What is held: bytes on disk, and exchanges. Fractions, as what is deleted of many is taken from each.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Held {
    pub(crate) bytes: f64,
    pub(crate) exchanges: f64,
}

/// By what a bound measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Bytes,
    Exchanges,
}

/// Somebody who holds more than their share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heavy {
    Client(Arc<str>),
    Host(Arc<str>),
}

type Block = HashMap<Holder, Held>;

/// All that is held, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct Holdings {
    is_loaded: bool,
    blocks: BTreeMap<i64, Block>,
    clients: HashMap<Arc<str>, Held>,
    hosts: HashMap<Arc<str>, Held>,
    all: Held,
    /// Clients of connections that were looked up.
    addresses: HashMap<i64, Arc<str>>,
}

/// The block of an exchange.
pub(super) fn block_of(exchange: i64) -> i64 {
    exchange >> BITS
}

impl Heavy {
    pub(super) fn is(&self, holder: &Holder) -> bool {
        match self {
            Self::Client(client) => holder.client.as_ref() == Some(client),
            Self::Host(host) => holder.host.as_ref() == Some(host),
        }
    }
}

impl Held {
    fn of(self, measure: Measure) -> f64 {
        match measure {
            Measure::Bytes => self.bytes,
            Measure::Exchanges => self.exchanges,
        }
    }

    fn add(&mut self, other: Self) {
        self.bytes = (self.bytes + other.bytes).max(0.0);
        self.exchanges = (self.exchanges + other.exchanges).max(0.0);
    }

    fn times(self, factor: f64) -> Self {
        Self { bytes: self.bytes * factor, exchanges: self.exchanges * factor }
    }

    /// Nothing worth remembering.
    fn is_nothing(self) -> bool {
        self.exchanges < 0.01 && self.bytes < 1.0
    }
}

impl Holdings {
    /// Whoever holds most beyond an even share: a client, else a host; `None` if they hold about the same.
    pub(super) fn heaviest(&self, measure: Measure) -> Option<Heavy> {
        let client = self.heaviest_of(&self.clients, measure).map(Heavy::Client);
        client.or_else(|| self.heaviest_of(&self.hosts, measure).map(Heavy::Host))
    }

    fn heaviest_of(&self, holders: &HashMap<Arc<str>, Held>, measure: Measure) -> Option<Arc<str>> {
        let held = |held: &Held| held.of(measure);
        let (name, most) = holders.iter().max_by(|one, other| held(one.1).total_cmp(&held(other.1)))?;
        (held(most) > self.limit(holders, measure)).then(|| Arc::clone(name))
    }

    /// Whether somebody is heavy still.
    pub(super) fn is_heavy(&self, heavy: &Heavy, measure: Measure) -> bool {
        let (holders, name) = match heavy {
            Heavy::Client(client) => (&self.clients, client),
            Heavy::Host(host) => (&self.hosts, host),
        };
        holders.get(name).is_some_and(|held| held.of(measure) > self.limit(holders, measure))
    }

    fn limit(&self, holders: &HashMap<Arc<str>, Held>, measure: Measure) -> f64 {
        let all = self.all.of(measure);
        let even = all / holders.len().max(1) as f64;
        even + (all - even) / PART
    }

    /// The first block from `from` on that has anything of `heavy`.
    pub(super) fn block_with(&self, heavy: &Heavy, from: i64) -> Option<i64> {
        let has = |block: &Block| block.keys().any(|holder| heavy.is(holder));
        self.blocks.range(from..).find(|(_, block)| has(block)).map(|(number, _)| *number)
    }

    /// Whether it is known who holds `exchange`, and all that follow: what an older dashcam recorded is not.
    pub(super) fn knows(&self, exchange: i64) -> bool {
        self.blocks.first_key_value().is_some_and(|(first, _)| *first <= block_of(exchange))
    }

    /// Exchanges were deleted, whoever held them.
    pub(super) fn shrink(&mut self, exchanges: impl Iterator<Item = i64>) {
        let mut gone: BTreeMap<i64, f64> = BTreeMap::new();
        exchanges.for_each(|id| *gone.entry(block_of(id)).or_default() += 1.0);
        for (number, gone) in gone {
            let Some(block) = self.blocks.get(&number) else { continue };
            let all: f64 = block.values().map(|held| held.exchanges).sum();
            let share = if all > gone { gone / all } else { 1.0 };
            let taken: Vec<_> =
                block.iter().map(|(holder, held)| (holder.clone(), held.times(-share))).collect();
            taken.into_iter().for_each(|(holder, held)| self.change(number, &holder, held));
        }
    }

    /// An exchange of `holder` was deleted.
    pub(crate) fn remove(&mut self, exchange: i64, holder: &Holder) {
        let number = block_of(exchange);
        let Some(held) = self.blocks.get(&number).and_then(|block| block.get(holder)) else { return };
        let share = if held.exchanges > 1.0 { 1.0 / held.exchanges } else { 1.0 };
        let taken = held.times(-share);
        self.change(number, holder, taken);
    }

    /// Bytes of an exchange of `holder` were deleted, and it stays.
    pub(super) fn lighten(&mut self, exchange: i64, holder: &Holder, bytes: i64) {
        self.change(block_of(exchange), holder, Held { bytes: -(bytes as f64), exchanges: 0.0 });
    }

    /// Nothing of `heavy` is left in a block that could go.
    pub(super) fn strip(&mut self, number: i64, heavy: &Heavy) {
        let Some(block) = self.blocks.get(&number) else { return };
        let stripped: Vec<_> = block.iter().filter(|(holder, _)| heavy.is(holder)).collect();
        let stripped: Vec<_> =
            stripped.into_iter().map(|(holder, held)| (holder.clone(), held.times(-1.0))).collect();
        stripped.into_iter().for_each(|(holder, held)| self.change(number, &holder, held));
    }

    /// Adds to what somebody holds in a block, or takes from it.
    fn change(&mut self, number: i64, holder: &Holder, by: Held) {
        let block = self.blocks.entry(number).or_default();
        let held = block.entry(holder.clone()).or_default();
        let before = *held;
        held.add(by);
        let mut by = Held { bytes: held.bytes - before.bytes, exchanges: held.exchanges - before.exchanges };
        if held.is_nothing() {
            by.add_exactly(held.times(-1.0));
            block.remove(holder);
        }
        let smallest = (block.len() > MOST).then(|| smallest(block)).flatten();
        if block.is_empty() {
            self.blocks.remove(&number);
        }
        self.total(holder, by);
        if let Some((small, held)) = smallest {
            self.change(number, &small, held.times(-1.0));
            self.change(number, &Holder::default(), held);
        }
    }

    fn total(&mut self, holder: &Holder, by: Held) {
        self.all.add(by);
        for (all, name) in [(&mut self.clients, &holder.client), (&mut self.hosts, &holder.host)] {
            let Some(name) = name else { continue };
            let held = all.entry(Arc::clone(name)).or_default();
            held.add(by);
            if held.is_nothing() {
                all.remove(name);
            }
        }
    }
}

impl Held {
    /// Adds without a floor: a difference may be negative.
    fn add_exactly(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.exchanges += other.exchanges;
    }
}

/// The named holder that holds least.
fn smallest(block: &Block) -> Option<(Holder, Held)> {
    let named = block.iter().filter(|(holder, _)| **holder != Holder::default());
    named
        .min_by(|one, other| one.1.bytes.total_cmp(&other.1.bytes))
        .map(|(holder, held)| (holder.clone(), *held))
}
