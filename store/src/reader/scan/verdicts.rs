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
                        let (failure, rule) = (outcome.failure.as_ref(), outcome.rule.as_deref());
                        ask(Facts { level, state, failure, rule, ..nothing })
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

    /// Keeps those of `rows` whose names leave it open, or match.
    pub(super) fn sift(&self, segment: &Segment, rows: &mut Vec<usize>) {
        for (column, truths) in &self.0 {
            if truths.contains(&Truth::False) {
                rows.retain(|row| verdict(segment, *column, truths, *row) != Truth::False);
            }
        }
    }

    /// The answer for the exchange at `row`.
    pub(super) fn judge(
        &self,
        filter: &Filter,
        segment: &Segment,
        row: usize,
        pinned: Option<&[i64]>,
    ) -> Truth {
        let is_sure = self.0.iter().any(|(column, truths)| {
            truths.contains(&Truth::True) && verdict(segment, *column, truths, row) == Truth::True
        });
        if is_sure { Truth::True } else { filter.evaluate(&facts(segment, row, pinned)) }
    }
}

/// All that is known of an exchange by what was wanted of its segment.
pub(super) fn facts<'s>(segment: &'s Segment, row: usize, pinned: Option<&[i64]>) -> Facts<'s> {
    let Segment { names, numbers, targets } = segment;
    let named = |column| numbers.at(column, row).and_then(|name| usize::try_from(name).ok());
    let size = |column| numbers.at(column, row).and_then(|size| u64::try_from(size).ok());
    let id = numbers.of(Column::Id)[row];
    let outcome = named(Column::Outcome).map(|name| &names.outcomes[name]);
    let marks = pinned.map(|pinned| Marks { pinned: pinned.binary_search(&id).is_ok(), ..Marks::default() });
    let row_parts = Parts::ROW.without(Parts::MARKS | Parts::PROGRAM);
    Facts {
        known: if marks.is_some() { row_parts | Parts::MARKS } else { row_parts },
        id: Some(ExchangeId(id)),
        connection: numbers.optional(Column::Connection, row).map(ConnectionId),
        replay_of: numbers.optional(Column::ReplayOf, row).map(ExchangeId),
        started_at: numbers.at(Column::StartedAt, row).map(Timestamp),
        level: outcome.map(|outcome| outcome.level),
        rule: outcome.and_then(|outcome| outcome.rule.as_deref()),
        destination: named(Column::Destination).map(|name| &names.destinations[name]),
        method: named(Column::Method).map(|name| names.methods[name].as_str()),
        target: if targets.is_empty() { None } else { Some(targets.of(row)) },
        status: named(Column::Status).and_then(|name| names.statuses[name]),
        content_type: named(Column::Type).and_then(|name| names.types[name].as_deref()),
        state: outcome.map(|outcome| outcome.state),
        request_size: size(Column::RequestSize),
        response_size: size(Column::ResponseSize),
        duration_us: numbers.optional(Column::Duration, row),
        failure: outcome.and_then(|outcome| outcome.failure.as_ref()),
        response_start_us: numbers.optional(Column::ResponseStart, row),
        truncated: numbers.at(Column::Truncated, row).map(|truncated| truncated != 0),
        marks,
        ..Facts::default()
    }
}

/// The answer that the exchange at `row` has by one of its names; unknown if that was not wanted.
fn verdict(segment: &Segment, column: Column, truths: &[Truth], row: usize) -> Truth {
    let name = segment.numbers.at(column, row).and_then(|name| usize::try_from(name).ok());
    name.map_or(Truth::Unknown, |name| truths[name])
}
