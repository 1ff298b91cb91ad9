//! An exchange as figures see it: from a segment, or from the row of a list.

use dashcam_exchange::{Failure, State, Summary};

use crate::rows::segment::{Column, Segment};

/// The facts of an exchange that figures are made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) host: &'a str,
    pub(super) target: &'a str,
    pub(super) method: &'a str,
    pub(super) status: Option<u16>,
    pub(super) content_type: Option<&'a str>,
    pub(super) state: State,
    pub(super) failure: Option<&'a Failure>,
    /// The rule that decided about its recording.
    pub(super) rule: Option<&'a str>,
    /// The client's address without its port, where somebody asks for it.
    pub(super) client: Option<&'a str>,
    /// The name of the client's program, where somebody asks for it.
    pub(super) program: Option<&'a str>,
    pub(super) started_at: i64,
    pub(super) request_size: u64,
    pub(super) response_size: u64,
    pub(super) duration_us: Option<i64>,
}

impl<'a> Row<'a> {
    /// The exchange at `row` of a segment, as far as its parts were wanted.
    pub(super) fn of_segment(segment: &'a Segment, row: usize) -> Self {
        let Segment { names, numbers, targets } = segment;
        let number = |column| numbers.at(column, row).unwrap_or(0);
        let name = |column| numbers.at(column, row).and_then(|name| usize::try_from(name).ok());
        let outcome = name(Column::Outcome).map(|name| &names.outcomes[name]);
        let target = if targets.is_empty() { "" } else { targets.of(row) };
        Self {
            host: name(Column::Destination).map_or("", |name| &names.destinations[name].host),
            target,
            method: name(Column::Method).map_or("", |name| &names.methods[name]),
            status: name(Column::Status).and_then(|name| names.statuses[name]),
            content_type: name(Column::Type).and_then(|name| names.types[name].as_deref()),
            state: outcome.map_or(State::Open, |outcome| outcome.state),
            failure: outcome.and_then(|outcome| outcome.failure.as_ref()),
            rule: outcome.and_then(|outcome| outcome.rule.as_deref()),
            client: None,
            program: None,
            started_at: number(Column::StartedAt),
            request_size: number(Column::RequestSize).unsigned_abs(),
            response_size: number(Column::ResponseSize).unsigned_abs(),
            duration_us: numbers.optional(Column::Duration, row),
        }
    }

    /// The exchange of a list's row.
    pub(super) fn of_summary(summary: &'a Summary) -> Self {
        Self {
            host: &summary.destination.host,
            target: &summary.target,
            method: &summary.method,
            status: summary.status,
            content_type: summary.content_type.as_deref(),
            state: summary.state,
            failure: summary.failure.as_ref(),
            rule: summary.rule.as_deref(),
            client: summary.client.as_deref(),
            program: summary.program.as_deref(),
            started_at: summary.started_at.0,
            request_size: summary.request_size,
            response_size: summary.response_size,
            duration_us: summary.duration_us,
        }
    }

    /// Returns whether it went wrong, as `fail:* | status:5xx` says it: it failed, or the server said that it could not do it.
    pub(super) fn is_error(&self) -> bool {
        self.failure.is_some() || self.status.is_some_and(|status| (500..600).contains(&status))
    }
}
