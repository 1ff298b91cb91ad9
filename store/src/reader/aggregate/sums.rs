//! The sums of a group.

use dashcam_exchange::Timestamp;

use super::durations::Durations;
use super::groups::Group;
use super::row::Row;

/// Figures that grow exchange by exchange.
#[derive(Debug, Default)]
pub(super) struct Sums {
    exchanges: u64,
    errors: u64,
    request_bytes: u64,
    response_bytes: u64,
    durations: Durations,
}

impl Sums {
    pub(super) fn add(&mut self, row: &Row<'_>) {
        self.exchanges += 1;
        self.errors += u64::from(row.is_error());
        self.request_bytes = self.request_bytes.saturating_add(row.request_size);
        self.response_bytes = self.response_bytes.saturating_add(row.response_size);
        row.duration_us.into_iter().for_each(|us| self.durations.add(us));
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.errors += other.errors;
        self.request_bytes = self.request_bytes.saturating_add(other.request_bytes);
        self.response_bytes = self.response_bytes.saturating_add(other.response_bytes);
        self.durations.merge(other.durations);
    }

    pub(super) fn exchanges(&self) -> u64 {
        self.exchanges
    }

    pub(super) fn group(mut self, key: Option<Vec<Option<String>>>, from: Option<Timestamp>) -> Group {
        let [p50, p95, p99] = [500, 950, 990].map(|permille| self.durations.quantile(permille));
        let Self { exchanges, errors, request_bytes, response_bytes, durations } = self;
        let (longest, is_exact) = (durations.longest(), durations.is_exact());
        Group {
            key,
            from,
            exchanges,
            errors,
            request_bytes,
            response_bytes,
            p50,
            p95,
            p99,
            longest,
            is_exact,
        }
    }
}
