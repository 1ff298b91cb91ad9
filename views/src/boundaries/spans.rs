//! Spans of time in which something holds.

/// Deletions are counted by the hour: where one hour follows the other, so do its deletions. In microseconds.
const BRIDGED: i64 = 3_600_000_000;

/// From a time to another, in unix microseconds; the second is behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) until: i64,
}

impl Span {
    /// From the first moment to the last, which is in it.
    pub(super) fn with_last(first: i64, last: i64) -> Self {
        Self { from: first, until: last.max(first).saturating_add(1) }
    }
}

/// Spans that do not touch, in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Spans(Vec<Span>);

impl Spans {
    /// Those that touch become one.
    pub(super) fn joined(spans: impl Iterator<Item = Span>) -> Self {
        Self::within(spans, 0)
    }

    /// Those that are less than an hour apart become one.
    pub(super) fn bridged(spans: impl Iterator<Item = Span>) -> Self {
        Self::within(spans, BRIDGED)
    }

    fn within(spans: impl Iterator<Item = Span>, apart: i64) -> Self {
        let mut sorted: Vec<Span> = spans.filter(|span| span.from < span.until).collect();
        sorted.sort_unstable_by_key(|span| span.from);
        let mut joined: Vec<Span> = Vec::with_capacity(sorted.len());
        for span in sorted {
            match joined.last_mut() {
                Some(last) if span.from <= last.until.saturating_add(apart) => {
                    last.until = last.until.max(span.until);
                }
                _ => joined.push(span),
            }
        }
        Self(joined)
    }

    /// The one that a time is in.
    pub(super) fn at(&self, at: i64) -> Option<Span> {
        let before = self.0.partition_point(|span| span.from <= at).checked_sub(1)?;
        self.0.get(before).copied().filter(|span| at < span.until)
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = Span> {
        self.0.into_iter()
    }

    /// Where they begin and end.
    pub(super) fn ends(&self) -> impl Iterator<Item = i64> {
        self.0.iter().flat_map(|span| [span.from, span.until])
    }
}
