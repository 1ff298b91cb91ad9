//! Numbers by which exchanges are chosen.

use std::cell::Cell;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;

/// The hash of a text, the same on all machines and for all time: FNV-1a of 64 bits
/// (<http://www.isthe.com/chongo/tech/comp/fnv/>), mixed as in MurmurHash3 so that all of its bits count.
pub(crate) fn hash(text: &[u8]) -> u64 {
    mix(fnv(0xcbf2_9ce4_8422_2325, text))
}

/// The hash of an address: of its 4 or 16 bytes. An IPv4 address in IPv6's form is one of IPv4.
pub(crate) fn address(ip: IpAddr) -> u64 {
    match ip.to_canonical() {
        IpAddr::V4(ip) => hash(&ip.octets()),
        IpAddr::V6(ip) => hash(&ip.octets()),
    }
}

/// The hash of several texts, each with its end.
pub(crate) fn hash_of(texts: &[&[u8]]) -> u64 {
    let joined = texts.iter().fold(0xcbf2_9ce4_8422_2325, |hash, text| fnv(fnv(hash, text), &[0]));
    mix(joined)
}

fn fnv(start: u64, text: &[u8]) -> u64 {
    text.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// MurmurHash3's finalizer.
fn mix(mut number: u64) -> u64 {
    number ^= number >> 33;
    number = number.wrapping_mul(0xff51_afd7_ed55_8ccd);
    number ^= number >> 33;
    number = number.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    number ^ (number >> 33)
}

/// A number that nobody can tell beforehand: a counter of the thread's own, mixed.
pub(crate) fn random() -> u64 {
    thread_local! {
        static COUNTER: Cell<u64> = Cell::new(RandomState::new().hash_one(0));
    }
    let next = |counter: &Cell<u64>| {
        let number = counter.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        counter.set(number);
        mix(number)
    };
    COUNTER.try_with(next).unwrap_or(0)
}
