//! When sealed secrets are looked at whose time may be over, and when what is left of their table is written once more.

use std::time::{Duration, Instant};

/// Between two looks that find nothing.
const LOOK: Duration = Duration::from_secs(1);
/// How long seals that expire behind others that went may stay, where nobody asks: each time the write-ahead log is emptied.
const REST: Duration = Duration::from_secs(30);
/// So many are written once more without a thought, as often as this.
const FEW: u64 = 20_000;
const SOON: Duration = Duration::from_secs(120);
/// How long copies of forgotten ones may lie in unused parts of pages at most.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// The writer's knowledge about seals from one step to the next.
#[derive(Debug, Default)]
pub(crate) struct SealUpkeep {
    /// When they are looked at again.
    due: Option<Instant>,
    /// How many went since the table was written once more.
    gone: u64,
    /// When that was; `None`: not in this run.
    rewritten: Option<Instant>,
}

impl SealUpkeep {
    /// Returns whether the time of some may be over.
    pub(crate) fn is_due(&self) -> bool {
        self.due.is_none_or(|due| due <= Instant::now())
    }

    /// They are to be looked at now.
    pub(crate) fn look_again(&mut self) {
        self.due = None;
    }

    /// Notes how many went, and whether there may be more of them.
    pub(crate) fn went(&mut self, count: u64, more: bool) {
        let rest = if count > 0 { REST } else { LOOK };
        self.due = (!more).then(|| Instant::now() + rest);
        self.gone += count;
    }

    /// Returns whether any went since the table was written once more.
    pub(crate) fn leaves_copies(&self) -> bool {
        self.gone > 0
    }

    /// Returns whether the table is to be written once more, which takes as long as there are seals that live.
    pub(crate) fn is_worth_rewriting(&self, live: u64) -> bool {
        let since = self.rewritten.map_or(LONGEST, |rewritten| rewritten.elapsed());
        let is_long_ago = since >= if live <= FEW { SOON } else { LONGEST };
        self.leaves_copies() && (self.gone >= live || is_long_ago)
    }

    /// The table was written once more.
    pub(crate) fn rewritten(&mut self) {
        (self.gone, self.rewritten) = (0, Some(Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_rewritten_soon_and_many_when_as_many_went() {
        let check = |gone, rewritten: Option<Duration>, live, expect| {
            let rewritten = rewritten.and_then(|ago| Instant::now().checked_sub(ago));
            let upkeep = SealUpkeep { gone, rewritten, ..SealUpkeep::default() };
            assert_eq!(upkeep.is_worth_rewriting(live), expect, "{gone} of {live}, {rewritten:?}");
        };
        check(0, None, 0, false);
        check(1, None, 1_000_000, true);
        check(1, Some(Duration::ZERO), 10, false);
        check(10, Some(Duration::ZERO), 10, true);
        check(1, Some(SOON), 10, true);
        check(1, Some(SOON), 1_000_000, false);
        check(1_000_000, Some(Duration::ZERO), 1_000_000, true);
    }
}
