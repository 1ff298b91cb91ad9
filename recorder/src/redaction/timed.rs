//! Bodies that go through redaction while it is noted when their bytes came.
//!
//! Bytes that came at once are pushed at once, so that it is known when those that leave came. Bytes that wait for those behind
//! them, as they may be the beginning of a secret, count as come with those. Where much waits, so do small pieces.

use dashcam_exchange::{Arrival, Stretch};
use dashcam_redact::{Found, Memory};

use crate::redaction::in_force::Under;
use crate::redaction::streams::Stream;

/// So many bytes that wait are gone through once more with small pieces of one part.
const SPARE: usize = 1 << 20;
/// A piece of this share of what waits is a large one.
const LARGE: usize = 4;

impl Stream {
    /// As [`Stream::push`]; `came` are the arrivals of `data`. Says when the bytes came that may leave now.
    pub(crate) fn push_timed(
        &mut self,
        (under, memory): (&Under, &mut Memory),
        host: &str,
        data: &mut Vec<u8>,
        came: Stretch,
    ) -> (Found, Stretch) {
        let from = self.captured;
        self.captured += data.len() as u64;
        let Stretch { merged, arrivals: came, .. } = came;
        self.last_at_us = came.last().filter(|last| last.end >= self.captured).map(|last| last.at_us);
        if came.is_empty() {
            return (self.push((under, memory), host, data), Stretch::default());
        }
        let (mut found, mut out, mut left) = (Found::default(), Vec::new(), Vec::new());
        let timed_to = came.last().map_or(from, |last| last.end);
        let end_of_data = Arrival { end: self.captured, at_us: 0 };
        let (mut at, mut spare) = (0, SPARE);
        for arrival in came.into_iter().chain([end_of_data]) {
            let end = usize::try_from(arrival.end.saturating_sub(from)).unwrap_or(usize::MAX).min(data.len());
            if end <= at {
                continue;
            }
            // Else many small pieces behind a long beginning would take very long.
            let waiting = self.waiting();
            if end < data.len() && end - at < waiting / LARGE {
                if waiting > spare {
                    continue;
                }
                spare -= waiting;
            }
            let mut piece = data[at..end].to_vec();
            at = end;
            let Found { replaced, seals } = self.push((under, &mut *memory), host, &mut piece);
            found.replaced = found.replaced.saturating_add(replaced);
            found.seals.extend(seals);
            out.extend(piece);
            if arrival.end <= timed_to {
                left.push(Arrival { end: self.stored + out.len() as u64, ..arrival });
            }
        }
        if self.is_shut {
            (out, left) = Default::default();
        }
        *data = out;
        (found, Stretch { from: self.stored, merged, arrivals: left })
    }
}
