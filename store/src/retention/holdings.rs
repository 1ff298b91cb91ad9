//! Holders of the recording, and how much each has: by the client's address, and by the host that was asked for.
//!
//! It is kept for blocks of exchanges that follow each other, so that the oldest ones of somebody are found without an
//! index over all, and what is deleted by age alone goes with its block. A block knows the largest holders one by one;
//! the rest are counted together.

mod count;
pub(super) mod recount;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Bits of an exchange's id within its block.
pub(super) const BITS: u32 = 12;
/// Clients, and hosts, that a block tells apart.
const MOST: usize = 256;
/// Somebody is heavy who holds an even share, and this part of all the rest.
const PART: f64 = 8.0;

/// Whose an exchange is, as far as that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Holder {
    client: Option<Arc<str>>,
    host: Option<Arc<str>>,
}

/// An amount that is held: bytes on disk, and exchanges. Fractions, as what is deleted of many is taken from
/// each.
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

type Names = HashMap<Arc<str>, Held>;

/// The amounts that are held of a block, by everybody and by name. Holders that were too small to be told
/// apart have no name.
#[derive(Debug, Default)]
struct Block {
    all: Held,
    clients: Names,
    hosts: Names,
}

/// All that is held, as far as it is known.
#[derive(Debug, Default)]
pub(crate) struct Holdings {
    is_loaded: bool,
    blocks: BTreeMap<i64, Block>,
    all: Held,
    clients: Names,
    hosts: Names,
    /// The block whose rows are being counted, unless any of them went since that began.
    counting: Option<i64>,
    /// Clients of connections that were looked up.
    addresses: HashMap<i64, Arc<str>>,
}

/// The block of an exchange.
pub(super) fn block_of(exchange: i64) -> i64 {
    exchange >> BITS
}

impl Heavy {
    /// Returns whether an exchange is theirs.
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

    fn minus(self, other: Self) -> Self {
        Self { bytes: self.bytes - other.bytes, exchanges: self.exchanges - other.exchanges }
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
    /// The holder of most beyond an even share: a client, else a host; `None` if they hold about the same.
    pub(super) fn heaviest(&self, measure: Measure) -> Option<Heavy> {
        let client = self.heaviest_of(&self.clients, measure).map(Heavy::Client);
        client.or_else(|| self.heaviest_of(&self.hosts, measure).map(Heavy::Host))
    }

    fn heaviest_of(&self, holders: &Names, measure: Measure) -> Option<Arc<str>> {
        let held = |held: &Held| held.of(measure);
        let (name, most) = holders.iter().max_by(|one, other| held(one.1).total_cmp(&held(other.1)))?;
        (held(most) > self.limit(holders, measure)).then(|| Arc::clone(name))
    }

    /// Returns whether somebody is heavy still.
    pub(super) fn is_heavy(&self, heavy: &Heavy, measure: Measure) -> bool {
        let (holders, name) = match heavy {
            Heavy::Client(client) => (&self.clients, client),
            Heavy::Host(host) => (&self.hosts, host),
        };
        holders.get(name).is_some_and(|held| held.of(measure) > self.limit(holders, measure))
    }

    fn limit(&self, holders: &Names, measure: Measure) -> f64 {
        let all = self.all.of(measure);
        let even = all / holders.len().max(1) as f64;
        even + (all - even) / PART
    }

    /// The first block from `from` on that has anything of `heavy`.
    pub(super) fn block_with(&self, heavy: &Heavy, from: i64) -> Option<i64> {
        let has = |block: &Block| match heavy {
            Heavy::Client(client) => block.clients.contains_key(client),
            Heavy::Host(host) => block.hosts.contains_key(host),
        };
        self.blocks.range(from..).find(|(_, block)| has(block)).map(|(number, _)| *number)
    }

    /// Returns whether the holders of `exchange`, and of all that follow, are known: those of exchanges that
    /// an older dashcam recorded are not.
    pub(super) fn knows(&self, exchange: i64) -> bool {
        self.blocks.first_key_value().is_some_and(|(first, _)| *first <= block_of(exchange))
    }

    /// Exchanges were deleted, whoever held them.
    pub(super) fn shrink(&mut self, exchanges: impl Iterator<Item = i64>) {
        let mut gone: BTreeMap<i64, f64> = BTreeMap::new();
        exchanges.for_each(|id| *gone.entry(block_of(id)).or_default() += 1.0);
        for (number, gone) in gone {
            self.spoil(number);
            let Some(block) = self.blocks.get(&number) else { continue };
            let share = if block.all.exchanges > gone { -gone / block.all.exchanges } else { -1.0 };
            let all = block.all.times(share);
            let (clients, hosts) = (part(&block.clients, share), part(&block.hosts, share));
            self.change(number, all, &clients, &hosts);
        }
    }

    /// An exchange of `holder` was deleted: it takes an even part of what they held.
    pub(super) fn remove(&mut self, exchange: i64, holder: &Holder) {
        let number = block_of(exchange);
        self.spoil(number);
        let Some(block) = self.blocks.get(&number) else { return };
        let one = |held: &Held| held.times(if held.exchanges > 1.0 { -1.0 / held.exchanges } else { -1.0 });
        let of = |names: &Names, name: &Option<Arc<str>>| {
            name.as_ref()
                .and_then(|name| names.get_key_value(name))
                .map(|(name, held)| (Arc::clone(name), one(held)))
        };
        let (client, host) = (of(&block.clients, &holder.client), of(&block.hosts, &holder.host));
        // Its bytes, as exactly as they are known.
        let bytes = client.as_ref().or(host.as_ref()).map_or(one(&block.all).bytes, |(_, held)| held.bytes);
        self.change(number, Held { bytes, exchanges: -1.0 }, client.as_slice(), host.as_slice());
    }

    /// Bytes of an exchange of `holder` were deleted, and it stays.
    pub(super) fn lighten(&mut self, exchange: i64, holder: &Holder, bytes: i64) {
        self.spoil(block_of(exchange));
        self.add(block_of(exchange), holder, Held { bytes: -(bytes as f64), exchanges: 0.0 });
    }

    /// Nothing of `heavy` is left in a block that could go.
    pub(super) fn strip(&mut self, number: i64, heavy: &Heavy) {
        self.spoil(number);
        let Some(block) = self.blocks.get(&number) else { return };
        let (names, name) = match heavy {
            Heavy::Client(client) => (&block.clients, client),
            Heavy::Host(host) => (&block.hosts, host),
        };
        let Some(held) = names.get(name) else { return };
        let taken = [(Arc::clone(name), held.times(-1.0))];
        let all = taken[0].1;
        match heavy {
            Heavy::Client(_) => self.change(number, all, &taken, &[]),
            Heavy::Host(_) => self.change(number, all, &[], &taken),
        }
    }

    /// Adds to what somebody holds in a block.
    fn add(&mut self, number: i64, holder: &Holder, held: Held) {
        let named = |name: &Option<Arc<str>>| name.clone().map(|name| (name, held));
        let (client, host) = (named(&holder.client), named(&holder.host));
        self.change(number, held, client.as_slice(), host.as_slice());
    }

    /// Adds to what is held in a block, or takes from it: of all, and of clients and hosts by name.
    fn change(&mut self, number: i64, all: Held, clients: &[(Arc<str>, Held)], hosts: &[(Arc<str>, Held)]) {
        let block = self.blocks.entry(number).or_default();
        let before = block.all;
        block.all.add(all);
        self.all.add(block.all.minus(before));
        for (name, by) in clients {
            change_name((&mut block.clients, &mut self.clients), name, *by);
        }
        for (name, by) in hosts {
            change_name((&mut block.hosts, &mut self.hosts), name, *by);
        }
        if block.all.is_nothing() {
            let (clients, hosts) = (part(&block.clients, -1.0), part(&block.hosts, -1.0));
            for (name, by) in clients {
                change_name((&mut block.clients, &mut self.clients), &name, by);
            }
            for (name, by) in hosts {
                change_name((&mut block.hosts, &mut self.hosts), &name, by);
            }
            self.all.add(block.all.times(-1.0));
            self.blocks.remove(&number);
        }
    }
}

/// A part of what each name holds.
fn part(names: &Names, share: f64) -> Vec<(Arc<str>, Held)> {
    names.iter().map(|(name, held)| (Arc::clone(name), held.times(share))).collect()
}

/// Adds to what a name holds in a block and altogether. Of too many names the smallest is not told apart any more.
fn change_name((block, all): (&mut Names, &mut Names), name: &Arc<str>, by: Held) {
    let by = alter(block, name, by);
    alter(all, name, by);
    if block.len() > MOST
        && let Some((name, held)) = smallest(block)
    {
        let by = alter(block, &name, held.times(-1.0));
        alter(all, &name, by);
    }
}

/// Adds to what a name holds; says by how much that changed.
fn alter(names: &mut Names, name: &Arc<str>, by: Held) -> Held {
    let held = names.entry(Arc::clone(name)).or_default();
    let before = *held;
    held.add(by);
    let after = *held;
    if after.is_nothing() {
        names.remove(name);
        return Held::default().minus(before);
    }
    after.minus(before)
}

fn smallest(names: &Names) -> Option<(Arc<str>, Held)> {
    let least = names.iter().min_by(|one, other| one.1.bytes.total_cmp(&other.1.bytes));
    least.map(|(name, held)| (Arc::clone(name), *held))
}
