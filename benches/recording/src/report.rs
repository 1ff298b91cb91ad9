//! The results, for people.

use std::time::Duration;

use dashcam_recorder::Ledger;

use crate::usage::Usage;

pub(crate) struct Report {
    pub(crate) ledger: Ledger,
    /// Exchanges that were stored in each second.
    pub(crate) stored: Vec<u64>,
    /// Bytes of the database's file after each second.
    pub(crate) sizes: Vec<u64>,
    /// The time of each batch, deleting behind it included.
    pub(crate) batches: Vec<Duration>,
    pub(crate) spent: Usage,
    /// Bytes of the file at the end.
    pub(crate) bytes: u64,
    pub(crate) seconds: u64,
    pub(crate) max_size: Option<u64>,
}

impl Report {
    pub(crate) fn print(mut self) {
        let stored = self.ledger.stored.max(1) as f64;
        let dropped: u64 = self.ledger.dropped.iter().map(|(_, exchanges)| exchanges).sum();
        let (seen, truncated) = (self.ledger.seen, self.ledger.truncated);
        println!("  exchanges seen {seen}, stored {stored}, dropped {dropped}, truncated {truncated}");
        self.stored.sort_unstable();
        let (least, median) = (at(&self.stored, 0.0), at(&self.stored, 0.5));
        let share = least as f64 * 100.0 / median.max(1) as f64;
        println!("  stored in a second: median {median}, worst {least} ({share:.0} %)");
        self.batches.sort_unstable();
        let [half, p99, longest] = [0.5, 0.99, 1.0].map(|share| at(&self.batches, share).as_secs_f64() * 1e3);
        println!("  a batch: median {half:.1} ms, p99 {p99:.1}, longest {longest:.1}");
        let each = |duration: Duration| duration.as_secs_f64() * 1e6 / stored;
        let (user, system) = (each(self.spent.user), each(self.spent.system));
        println!("  CPU an exchange: {:.2} us = {user:.2} user + {system:.2} system", user + system);
        let (bytes, speed) = (self.bytes as f64 / stored, self.bytes as f64 / 1e6 / self.seconds as f64);
        match self.max_size {
            None => println!("  on disk: {bytes:.0} bytes an exchange, {speed:.1} MB/s"),
            Some(bound) => {
                let largest = self.sizes.iter().max().copied().unwrap_or(0).max(self.bytes);
                let share = largest as f64 * 100.0 / bound as f64;
                println!("  on disk: at most {largest} bytes ({share:.1} % of the bound)");
            }
        }
    }
}

/// The value at that share of a sorted list.
fn at<T: Copy + Default>(sorted: &[T], share: f64) -> T {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}
