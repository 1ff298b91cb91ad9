//! Figures that grow exchange by exchange, whether it is looked at in the store or comes from elsewhere.

use std::collections::BTreeSet;
use std::time::Duration;

use dashcam_exchange::{ExchangeId, Summary, Timestamp};
use rusqlite::Connection;

use super::by::By;
use super::facets::{self, Facet};
use super::groups::{self, Groups};
use super::histogram::{self, Histogram};
use super::row::Row;
use super::tree::{self, Branch};
use crate::StoreError;
use crate::reader::clients::Clients;
use crate::reader::scan::Stretch;
use crate::rows::segment::{Column, Wanted};

/// Figures that grow. Their memory is bounded, however many exchanges there are. The default counts only.
#[derive(Debug, Default)]
pub struct Tally {
    exchanges: u64,
    errors: u64,
    span: Option<(i64, i64)>,
    facets: Vec<facets::Counts>,
    histogram: Option<histogram::Counts>,
    groups: Option<groups::Counts>,
    tree: Option<tree::Counts>,
    /// Exchanges that the store's walk passes over.
    elsewhere: BTreeSet<i64>,
    clients: Clients,
    shape: String,
}

/// Figures of the exchanges that were added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// How many there are.
    pub exchanges: u64,
    /// How many of them failed, or were answered with 5xx.
    pub errors: u64,
    /// When the first of them began, and the last; `None` if there are none.
    pub span: Option<(Timestamp, Timestamp)>,
    /// The most frequent values, in the order in which they were asked for.
    pub facets: Vec<Facet>,
    /// Exchanges over time, if that was asked for.
    pub histogram: Option<Histogram>,
    /// Groups, if they were asked for.
    pub groups: Option<Groups>,
    /// The branches of the tree of hosts and paths, if it was asked for.
    pub tree: Option<Vec<Branch>>,
}

impl Tally {
    /// With the most frequent values of each of `by`.
    #[must_use]
    pub fn with_facets(self, by: &[By]) -> Self {
        Self { facets: by.iter().map(|by| facets::Counts::new(*by)).collect(), ..self }
    }

    /// With exchanges over time, in buckets of `every`.
    #[must_use]
    pub fn with_histogram(self, every: Duration) -> Self {
        Self { histogram: Some(histogram::Counts::new(every)), ..self }
    }

    /// With groups of those that have the same values of `by`, and for each `every` if that is given.
    #[must_use]
    pub fn with_groups(self, by: &[By], every: Option<Duration>) -> Self {
        Self { groups: Some(groups::Counts::new(by, every)), ..self }
    }

    /// With the tree of hosts and paths: the hosts, and what is below each of the places that are `open`.
    #[must_use]
    pub fn with_tree(self, open: &[String]) -> Self {
        Self { tree: Some(tree::Counts::new(open)), ..self }
    }

    /// Returns whether it asks for the client of an exchange, or for that one's program.
    #[must_use]
    pub fn needs_clients(&self) -> bool {
        self.by().any(By::is_of_client)
    }

    /// The values that it asks for.
    fn by(&self) -> impl Iterator<Item = By> {
        let groups = self.groups.iter().flat_map(|groups| &groups.by);
        self.facets.iter().map(|facet| &facet.by).chain(groups).copied()
    }

    /// The parts of exchanges that it looks at.
    pub(super) fn wanted(&self) -> Wanted {
        let errors = Wanted::columns(&[Column::Status, Column::Outcome]);
        let sums = match self.groups.is_some() || self.tree.is_some() {
            true => Wanted::columns(&[Column::RequestSize, Column::ResponseSize, Column::Duration]),
            false => Wanted::NONE,
        };
        let tree = self.tree.iter().flat_map(|_| [By::Host, By::Path]);
        self.by().chain(tree).map(By::wanted).fold(errors.and(sums), Wanted::and)
    }

    /// Adds an exchange of which the caller knows that it matches, with its client and program where they are asked for.
    pub fn add(&mut self, exchange: &Summary) {
        let row = Row::of_summary(exchange);
        for facet in &mut self.facets {
            facet.add(&row, &mut self.shape);
        }
        self.add_but_facets(&row);
    }

    /// Has the store's walk pass over an exchange: the caller adds it, or knows that it does not match.
    pub fn pass_over(&mut self, id: ExchangeId) {
        self.elsewhere.insert(id.0);
    }

    /// Returns whether the walk passes over an exchange.
    pub(super) fn passes_over(&self, id: i64) -> bool {
        // Those under way are the newest.
        self.elsewhere.first().is_some_and(|first| *first <= id) && self.elsewhere.contains(&id)
    }

    /// Adds the exchanges of a stretch that match.
    pub(super) fn add_stretch(
        &mut self,
        connection: &Connection,
        stretch: &Stretch,
        rows: &[usize],
    ) -> Result<(), StoreError> {
        let has_no_names = |facet: &mut facets::Counts| !facet.add_names(stretch, rows);
        let one_by_one: Vec<usize> = self
            .facets
            .iter_mut()
            .enumerate()
            .filter_map(|(at, facet)| has_no_names(facet).then_some(at))
            .collect();
        let needs_clients = self.needs_clients();
        let mut clients = std::mem::take(&mut self.clients);
        for row in rows {
            let id = stretch.segment.numbers.optional(Column::Connection, *row).filter(|_| needs_clients);
            let client = id.map(|id| clients.of(connection, id)).transpose()?.flatten();
            let row = Row {
                client: client.map(|client| &*client.address),
                program: client.and_then(|client| client.program.as_deref()),
                ..Row::of_segment(&stretch.segment, *row)
            };
            for at in &one_by_one {
                self.facets[*at].add(&row, &mut self.shape);
            }
            self.add_but_facets(&row);
        }
        self.clients = clients;
        Ok(())
    }

    fn add_but_facets(&mut self, row: &Row<'_>) {
        let at = row.started_at;
        self.exchanges += 1;
        self.errors += u64::from(row.is_error());
        self.span = Some(self.span.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        if let Some(histogram) = &mut self.histogram {
            histogram.add(row);
        }
        if let Some(groups) = &mut self.groups {
            groups.add(row, &mut self.shape);
        }
        if let Some(tree) = &mut self.tree {
            tree.add(row, &mut self.shape);
        }
    }

    /// When the first exchange began that was added, and the last; `None` if there are none.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.span.map(|(first, last)| (Timestamp(first), Timestamp(last)))
    }

    /// The figures, with at most `most` values of each facet, groups, and nodes of each branch. Stretches of time without exchanges are
    /// there within `range`.
    #[must_use]
    pub fn figures(self, most: usize, range: Option<(Timestamp, Timestamp)>) -> Figures {
        Figures {
            exchanges: self.exchanges,
            errors: self.errors,
            span: self.span(),
            facets: self.facets.into_iter().map(|facet| facet.facet(most)).collect(),
            histogram: self.histogram.map(|histogram| histogram.histogram(range)),
            groups: self.groups.map(|groups| groups.groups(most, range)),
            tree: self.tree.map(|tree| tree.branches(most)),
        }
    }
}
