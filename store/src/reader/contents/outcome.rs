//! The answers of the threads, put in the order of the search.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use dashcam_exchange::ExchangeId;
use dashcam_filter::Truth;

use crate::StoreError;
use crate::reader::contents::Looked;

/// The answer for an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) id: i64,
    /// Exchanges that were passed since the one before, itself included.
    pub(super) passed: u64,
    pub(super) truth: Truth,
    pub(super) bytes: u64,
    pub(super) is_unreadable: bool,
}

/// The answers for a piece of work.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) answers: Vec<Answer>,
    /// False if it was stopped before its end.
    pub(super) is_whole: bool,
}

/// The answers of all threads.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    state: Mutex<State>,
    /// Nothing more is wanted.
    enough: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    /// By the numbers of the pieces of work.
    done: BTreeMap<usize, Outcome>,
    /// Pieces that are done without a gap, and what was found in them.
    in_order: usize,
    found: usize,
    error: Option<StoreError>,
}

impl Outcomes {
    /// Returns whether nothing more is wanted.
    pub(super) fn are_enough(&self) -> bool {
        self.enough.load(Ordering::Relaxed)
    }

    /// Adds the outcome of piece `number`. `most` are wanted in all.
    pub(super) fn add(&self, number: usize, outcome: Result<Outcome, StoreError>, most: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(outcome) => {
                let is_whole = outcome.is_whole;
                state.done.insert(number, outcome);
                state.advance();
                if state.found >= most || !is_whole {
                    self.enough.store(true, Ordering::Relaxed);
                }
            }
            Err(error) => {
                state.error = Some(error);
                self.enough.store(true, Ordering::Relaxed);
            }
        }
    }

    /// All of them, as far as they are there without a gap: at most `most` exchanges. And the last exchange that was looked
    /// at, if that was not the last of the `pieces`.
    pub(super) fn looked(
        &self,
        most: usize,
        pieces: usize,
    ) -> Result<(Looked, Option<i64>, bool), StoreError> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { done, error, .. } = std::mem::take(&mut *state);
        if let Some(error) = error {
            return Err(error);
        }
        let (mut looked, mut last) = (Looked::default(), None);
        let mut whole = 0;
        for (number, outcome) in done {
            if number != whole {
                break;
            }
            for answer in &outcome.answers {
                looked.add(answer);
                last = Some(answer.id);
                if looked.found.len() == most {
                    return Ok((looked, last, false));
                }
            }
            if !outcome.is_whole {
                break;
            }
            whole += 1;
        }
        Ok((looked, last, whole == pieces))
    }
}

impl State {
    fn advance(&mut self) {
        while let Some(outcome) = self.done.get(&self.in_order) {
            self.found += outcome.answers.iter().filter(|answer| answer.truth != Truth::False).count();
            self.in_order += 1;
        }
    }
}

impl Looked {
    fn add(&mut self, answer: &Answer) {
        self.exchanges += answer.passed;
        self.bytes += answer.bytes;
        self.unreadable += u64::from(answer.is_unreadable);
        if answer.truth != Truth::False {
            self.found.push((ExchangeId(answer.id), answer.truth));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(ids: &[i64], is_whole: bool) -> Outcome {
        let answer = |id: &i64| Answer {
            id: *id,
            passed: 2,
            truth: Truth::from(id % 2 == 0),
            bytes: 10,
            is_unreadable: *id == 5,
        };
        Outcome { answers: ids.iter().map(answer).collect(), is_whole }
    }

    #[test]
    fn answers_are_put_in_order_up_to_the_first_gap() {
        let outcomes = Outcomes::default();
        outcomes.add(1, Ok(answers(&[6, 5], true)), 9);
        outcomes.add(3, Ok(answers(&[2, 1], true)), 9);
        outcomes.add(0, Ok(answers(&[8, 7], true)), 9);
        assert!(!outcomes.are_enough());
        let (looked, last, is_all) = outcomes.looked(9, 4).unwrap();
        assert_eq!(
            looked.found,
            [8, 6].map(|id| (ExchangeId(id), Truth::True)),
            "piece 2 is not done, and 3 stands behind it"
        );
        assert_eq!((looked.exchanges, looked.bytes, looked.unreadable), (8, 40, 1));
        assert_eq!((last, is_all), (Some(5), false));
    }

    #[test]
    fn enough_is_enough() {
        let outcomes = Outcomes::default();
        outcomes.add(0, Ok(answers(&[8, 7, 6, 4], true)), 2);
        assert!(outcomes.are_enough());
        let (looked, last, is_all) = outcomes.looked(2, 1).unwrap();
        assert_eq!((looked.found.len(), looked.exchanges, last, is_all), (2, 6, Some(6), false));
    }

    #[test]
    fn a_piece_that_was_stopped_ends_the_search() {
        let outcomes = Outcomes::default();
        outcomes.add(0, Ok(answers(&[9], false)), 2);
        assert!(outcomes.are_enough());
        let (looked, last, is_all) = outcomes.looked(2, 1).unwrap();
        assert_eq!((looked.found.len(), last, is_all), (0, Some(9), false));
        let failed = Outcomes::default();
        failed.add(0, Err(StoreError::Closed), 2);
        assert!(failed.are_enough());
        failed.looked(2, 1).unwrap_err();
    }
}
