//! A thread of a search through contents.

use std::sync::PoisonError;

use dashcam_filter::{Facts, Truth};

use crate::StoreError;
use crate::database::reading;
use crate::reader::contents::Judged;
use crate::reader::contents::bytes::{Loader, Row};
use crate::reader::contents::outcome::{Answer, Outcome, Outcomes};
use crate::reader::contents::walk::{LARGE, Piece, Search};
use crate::reader::cost::Patience;

/// The connection of a thread, and its room.
pub(super) struct Lane {
    pub(super) reading: reading::Search,
    loader: Loader,
}

impl Lane {
    pub(super) fn new(search: &Search) -> Result<Self, StoreError> {
        let reading = reading::search(&search.path)?;
        Ok(Self { reading, loader: Loader::new(search.filter.needs()) })
    }

    /// The answers for a piece, until the search is to stop; of the first piece, at least one.
    pub(super) fn answer(
        &mut self,
        search: &Search,
        piece: &Piece,
        (outcomes, patience): (&Outcomes, &Patience),
    ) -> Result<Outcome, StoreError> {
        let mut outcome = Outcome { answers: Vec::with_capacity(piece.rows.len()), is_whole: false };
        let ids: Vec<i64> = piece.rows.iter().map(|(row, _, _)| piece.stretch.id(*row)).collect();
        let mut stored = self.loader.rows(&self.reading.connection, &ids)?;
        for ((row, truth, passed), id) in piece.rows.iter().zip(ids) {
            let may_stop = piece.number > 0 || !outcome.answers.is_empty();
            if may_stop && (patience.is_over() || outcomes.are_enough()) {
                return Ok(outcome);
            }
            let (judged, is_unreadable) = match truth {
                Truth::Unknown => readable(self.judge(search, (piece, *row), stored.remove(&id)))?,
                certain => (Judged { truth: *certain, bytes: 0 }, false),
            };
            let Judged { truth, bytes } = judged;
            outcome.answers.push(Answer { id, passed: *passed, truth, bytes, is_unreadable });
        }
        outcome.is_whole = true;
        Ok(outcome)
    }

    fn judge(
        &mut self,
        search: &Search,
        (piece, row): (&Piece, usize),
        stored: Option<Row>,
    ) -> Result<Judged, StoreError> {
        const GONE: Judged = Judged { truth: Truth::False, bytes: 0 };
        let Some(stored) = stored else { return Ok(GONE) };
        let Search { filter, judge, .. } = search;
        let Self { reading, loader } = self;
        let connection = &reading.connection;
        let look = |facts: Facts<'_>| match filter.evaluate(&facts) {
            Truth::Unknown => {
                let is_large = stored.bytes() > LARGE;
                let _alone = is_large.then(|| search.large.lock().unwrap_or_else(PoisonError::into_inner));
                let answered = loader.with_contents(connection, &stored, |contents| judge(facts, contents));
                Ok(answered??)
            }
            truth => Ok(Judged { truth, bytes: 0 }),
        };
        piece.stretch.look(row, (connection, filter.needs()), look)?.unwrap_or(Ok(GONE))
    }
}

/// The answer; that it does not match, if its contents are damaged.
fn readable(judged: Result<Judged, StoreError>) -> Result<(Judged, bool), StoreError> {
    match judged {
        Ok(judged) => Ok((judged, false)),
        Err(StoreError::Damaged(_)) => Ok((Judged { truth: Truth::False, bytes: 0 }, true)),
        Err(error) => Err(error),
    }
}
