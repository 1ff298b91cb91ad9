//! Tables by numbers that dashcam itself gives: nobody else can choose them, so they need no guard against collisions.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use dashcam_exchange::ExchangeId;

/// A table by exchange.
pub(crate) type ByExchange<T> = HashMap<ExchangeId, T, BuildHasherDefault<Spread>>;

/// Spreads numbers that follow on each other (Knuth's multiplicative hashing).
#[derive(Debug, Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0 ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number.cast_unsigned());
    }
}
