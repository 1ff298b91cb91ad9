//! The filter over a segment: first over each of its different names, then over the exchanges that are left.

use dashcam_exchange::{ConnectionId, ExchangeId, Timestamp};
use dashcam_filter::{Facts, Filter, Marks, Parts, Truth};

use crate::rows::segment::{Column, Names, Segment};

/// The answers that one name alone gives, for each name of a segment.
pub(super) struct Verdicts([(Column, Vec<Truth>); 5]);

impl Verdicts {
    /// Asks for each name; `None` if all names of one kind, and so all exchanges, surely do not match.
    pub(super) fn of(filter: &Filter, names: &Names) -> Option<Self> {
        let nothing = Facts::default();
        let ask = |facts: Facts<'_>| filter.evaluate(&facts);
        let Names { destinations, methods, statuses, types, outcomes } = names;
        // A name that is missing proves nothing by itself.
        let status = |status: &Option<u16>| {
            status.map_or(Truth::Unknown, |status| ask(Facts { status: Some(status), ..nothing }))
        };
        let kind = |kind: &Option<String>| {
            kind.as_deref().map_or(Truth::Unknown, |kind| ask(Facts { content_type: Some(kind), ..nothing }))
        };
        let verdicts = [
            (Column::Status, statuses.iter().map(status).collect::<Vec<_>>()),
            (
                Column::Method,
                methods.iter().map(|method| ask(Facts { method: Some(method), ..nothing })).collect(),
            ),
            (Column::Type, types.iter().map(kind).collect()),
            (
                Column::Outcome,
                outcomes
                    .iter()
                    .map(|outcome| {
                        let (level, state) = (Some(outcome.level), Some(outcome.state));
                        ask(Facts { level, state, failure: outcome.failure.as_ref(), ..nothing })
                    })
                    .collect(),
            ),
            (
                Column::Destination,
                destinations
                    .iter()
                    .map(|destination| ask(Facts { destination: Some(destination), ..nothing }))
                    .collect(),
            ),
        ];
        let is_vain = |(_, truths): &(Column, Vec<Truth>)| truths.iter().all(|truth| *truth == Truth::False);
        (!verdicts.iter().any(is_vain)).then_some(Self(verdicts))
    }

    /// The answer for the exchange at `row`.
    pub(super) fn judge(
        &self,
        filter: &Filter,
        segment: &Segment,
        row: usize,
        pinned: Option<&[i64]>,
    ) -> Truth {
        for (column, truths) in &self.0 {
            match truths[name(segment, *column, row)] {
                Truth::Unknown => {}
                certain => return certain,
            }
        }
        filter.evaluate(&facts(segment, row, pinned))
    }
}

/// All that a segment knows of an exchange.
pub(super) fn facts<'s>(segment: &'s Segment, row: usize, pinned: Option<&[i64]>) -> Facts<'s> {
    let Segment { names, numbers, targets } = segment;
    let of = |column| numbers.of(column)[row];
    let outcome = &names.outcomes[name(segment, Column::Outcome, row)];
    let id = of(Column::Id);
    let marks = pinned.map(|pinned| Marks { pinned: pinned.binary_search(&id).is_ok(), ..Marks::default() });
    let row_parts = Parts::ROW.without(Parts::MARKS | Parts::PROGRAM);
    Facts {
        known: if marks.is_some() { row_parts | Parts::MARKS } else { row_parts },
        id: Some(ExchangeId(id)),
        connection: numbers.optional(Column::Connection, row).map(ConnectionId),
        replay_of: numbers.optional(Column::ReplayOf, row).map(ExchangeId),
        started_at: Some(Timestamp(of(Column::StartedAt))),
        level: Some(outcome.level),
        destination: Some(&names.destinations[name(segment, Column::Destination, row)]),
        method: Some(&names.methods[name(segment, Column::Method, row)]),
        target: Some(targets.of(row)),
        status: names.statuses[name(segment, Column::Status, row)],
        content_type: names.types[name(segment, Column::Type, row)].as_deref(),
        state: Some(outcome.state),
        request_size: u64::try_from(of(Column::RequestSize)).ok(),
        response_size: u64::try_from(of(Column::ResponseSize)).ok(),
        duration_us: numbers.optional(Column::Duration, row),
        failure: outcome.failure.as_ref(),
        response_start_us: numbers.optional(Column::ResponseStart, row),
        truncated: Some(of(Column::Truncated) != 0),
        marks,
        ..Facts::default()
    }
}

/// Which name of a kind the exchange at `row` has. A segment that was read has no others.
fn name(segment: &Segment, column: Column, row: usize) -> usize {
    usize::try_from(segment.numbers.of(column)[row]).unwrap_or(usize::MAX)
}
