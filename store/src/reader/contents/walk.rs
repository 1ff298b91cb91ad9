//! The walk of a search through contents: pieces of work for the threads, in the order of the search.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use dashcam_exchange::ExchangeId;
use dashcam_filter::{Filter, Truth};
use rusqlite::Connection;
use tokio::runtime::Handle;

use crate::StoreError;
use crate::database::reading;
use crate::reader::contents::kept::Kept;
use crate::reader::contents::lane::Lane;
use crate::reader::contents::outcome::Outcomes;
use crate::reader::contents::{Judge, Looked};
use crate::reader::cost::Patience;
use crate::reader::list::Start;
use crate::reader::scan::{Scan, Stretch, Way};
use crate::rows::segment::{Column, Wanted};

/// Threads that read and decode: as many as decode bodies for the page.
const LANES: usize = 2;
/// The most exchanges of a piece of work, and about how many bytes of bodies as they passed. Exchanges that share a pack
/// should be in one piece, but answers are to be there soon.
const EXCHANGES: usize = 512;
const BYTES: u64 = 4 << 20;
/// Stored bytes of an exchange's bodies from which on one thread alone looks at them at a time: they are held whole, stored
/// and decoded.
pub(super) const LARGE: u64 = 2 << 20;
/// How many exchanges there are, and the first and the last of their ids; -1 if there is none.
pub(super) const ALL: &str = "SELECT (SELECT exchanges FROM meta), \
    coalesce((SELECT min(id) FROM exchange_rows), 0), coalesce((SELECT max(id) FROM exchange_rows), -1)";

/// A search through contents.
pub(super) struct Search {
    pub(super) path: PathBuf,
    pub(super) filter: Filter,
    pub(super) judge: Arc<Judge>,
    walkers: Kept<reading::Search>,
    lanes: Kept<Lane>,
    /// Held while large bodies are looked at.
    pub(super) large: Mutex<()>,
}

/// The bounds of one step.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) patience: Patience,
    /// Connections that were made after this time may be used again.
    pub(super) since: Option<Instant>,
}

/// Exchanges of a stretch that may match.
pub(super) struct Piece {
    pub(super) number: usize,
    pub(super) stretch: Arc<Stretch>,
    /// Their places, and how many exchanges were passed since the one before, itself included.
    pub(super) rows: Vec<(usize, Truth, u64)>,
}

/// The end of the walk itself.
struct Walked {
    pieces: usize,
    /// Where it would go on; `None` at the end of all.
    next: Option<i64>,
    /// Exchanges that were passed since the last that may match.
    passed: u64,
}

impl Search {
    pub(super) fn new(path: &Path, filter: &Filter, judge: Arc<Judge>) -> Self {
        let (walkers, lanes) = (Kept::new(), Kept::new());
        let (path, filter, large) = (path.to_owned(), filter.clone(), Mutex::new(()));
        Self { path, filter, judge, walkers, lanes, large }
    }

    /// Closes the connections that are kept for the next step.
    pub(super) fn forget(&self) {
        drop((self.walkers.take(None), self.lanes.take(None)));
    }

    /// Looks on from `start`.
    pub(super) fn step(
        self: Arc<Self>,
        start: Start,
        most: usize,
        step: &Step,
    ) -> Result<Looked, StoreError> {
        let walker = match self.walkers.take(step.since) {
            Some((_, walker)) => walker,
            None => reading::search(&self.path)?,
        };
        // It may have waited for its turn.
        let step = Step { patience: step.patience.again(), ..step.clone() };
        let looked = self.look(&walker.connection, (start, most), &step)?;
        self.walkers.put(step.since.filter(|_| walker.is_of_today), (walker.opened, walker));
        Ok(looked)
    }

    fn look(
        self: &Arc<Self>,
        connection: &Connection,
        (start, most): (Start, usize),
        step: &Step,
    ) -> Result<Looked, StoreError> {
        let outcomes = Arc::new(Outcomes::default());
        let (pieces, taken) = sync_channel::<Piece>(LANES);
        let (taken, runtime) = (Arc::new(Mutex::new(taken)), Handle::current());
        let lanes = [(); LANES].map(|()| {
            let (search, step) = (Arc::clone(self), step.clone());
            let (taken, outcomes) = (Arc::clone(&taken), Arc::clone(&outcomes));
            runtime.spawn_blocking(move || search.run_lane(&taken, &outcomes, (most, &step)))
        });
        drop(taken);
        let walked = self.walk((connection, start), &pieces, (&outcomes, &step.patience));
        // The threads end when nothing comes any more.
        drop(pieces);
        // All of them, before the turn is over.
        let ended = lanes.map(|lane| runtime.block_on(lane));
        let walked = walked?;
        if ended.iter().any(Result::is_err) {
            return Err(StoreError::Closed);
        }
        let (mut looked, last, is_all) = outcomes.looked(most, walked.pieces)?;
        looked.next = match (is_all, last) {
            (true, _) => {
                looked.exchanges += walked.passed;
                walked.next.map(|id| start.at(ExchangeId(id)))
            }
            (false, Some(last)) => Some(start.at(ExchangeId(last))),
            (false, None) => Some(start),
        };
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        looked.left = match looked.next {
            Some(next) => left(connection.prepare_cached(ALL)?.query_row([], read)?, next),
            None => 0,
        };
        looked.next = looked.next.filter(|_| looked.left > 0);
        Ok(looked)
    }

    /// Gives out pieces, until nothing more is wanted.
    fn walk(
        &self,
        (connection, start): (&Connection, Start),
        pieces: &SyncSender<Piece>,
        (outcomes, patience): (&Outcomes, &Patience),
    ) -> Result<Walked, StoreError> {
        let (way, first) = match start {
            Start::Before(ExchangeId(id)) => (Way::Older, id.saturating_sub(1)),
            Start::After(ExchangeId(id)) => (Way::Newer, id.saturating_add(1)),
        };
        let mut scan = Scan::new((connection, &self.filter), Wanted::ALL, way, first)?;
        let mut walked = Walked { pieces: 0, next: None, passed: 0 };
        let (mut looked_at, mut from) = (0, first);
        while !outcomes.are_enough()
            && let Some(stretch) = scan.next(patience)?
        {
            let seen = scan.cost(patience, false).looked_at;
            let rows = stretch.segment.len() as u64;
            // Of whole blocks in which nothing can match.
            walked.passed += (seen - looked_at).saturating_sub(rows);
            looked_at = seen;
            give((stretch, way, from), pieces, &mut walked);
            from = scan.position().unwrap_or(from);
        }
        walked.passed += scan.cost(patience, false).looked_at - looked_at;
        let behind = |id: i64| if way == Way::Older { id.saturating_add(1) } else { id.saturating_sub(1) };
        walked.next = scan.position().map(behind);
        Ok(walked)
    }

    fn run_lane(&self, pieces: &Mutex<Receiver<Piece>>, outcomes: &Outcomes, (most, step): (usize, &Step)) {
        let mut lane = self.lanes.take(step.since).map(|(_, lane)| lane);
        loop {
            let piece = pieces.lock().unwrap_or_else(PoisonError::into_inner).recv();
            // Nothing comes any more.
            let Ok(piece) = piece else { break };
            if outcomes.are_enough() && piece.number > 0 {
                continue;
            }
            let answered = match lane.take().map_or_else(|| Lane::new(self), Ok) {
                Ok(mut one) => {
                    let answered = one.answer(self, &piece, (outcomes, &step.patience));
                    lane = Some(one);
                    answered
                }
                Err(error) => Err(error),
            };
            outcomes.add(piece.number, answered, most);
        }
        if let Some(lane) = lane {
            self.lanes.put(step.since.filter(|_| lane.reading.is_of_today), (lane.reading.opened, lane));
        }
    }
}

/// Cuts a stretch, of which the exchanges from `from` on count, into pieces.
fn give((stretch, way, from): (Stretch, Way, i64), pieces: &SyncSender<Piece>, walked: &mut Walked) {
    let stretch = Arc::new(stretch);
    let numbers = &stretch.segment.numbers;
    let ids = numbers.of(Column::Id);
    // Places in the order of the walk, so that all that were passed are counted.
    let place = |row: usize| match way {
        Way::Newer => row - ids.partition_point(|id| *id < from),
        Way::Older => ids.partition_point(|id| *id <= from) - 1 - row,
    } as u64;
    let (mut rows, mut bytes, mut before) = (Vec::new(), 0, 0);
    for (row, truth) in &stretch.found {
        let passed = place(*row) + 1 - before + std::mem::take(&mut walked.passed);
        before = place(*row) + 1;
        let sizes = [Column::RequestSize, Column::ResponseSize].map(|column| numbers.of(column)[*row]);
        bytes += sizes.iter().map(|size| size.unsigned_abs()).sum::<u64>();
        rows.push((*row, *truth, passed));
        if rows.len() == EXCHANGES || bytes >= BYTES {
            send(pieces, (&stretch, std::mem::take(&mut rows)), walked);
            bytes = 0;
        }
    }
    let counted = match way {
        Way::Newer => ids.len() - ids.partition_point(|id| *id < from),
        Way::Older => ids.partition_point(|id| *id <= from),
    } as u64;
    walked.passed += counted - before;
    if !rows.is_empty() {
        send(pieces, (&stretch, rows), walked);
    }
}

fn send(
    pieces: &SyncSender<Piece>,
    (stretch, rows): (&Arc<Stretch>, Vec<(usize, Truth, u64)>),
    walked: &mut Walked,
) {
    let number = walked.pieces;
    walked.pieces += 1;
    // The threads take all that comes.
    let _taken = pieces.send(Piece { number, stretch: Arc::clone(stretch), rows });
}

/// About how many exchanges follow `next`, by their share of the ids; none only if there surely is none.
pub(super) fn left((all, first, last): (i64, i64, i64), next: Start) -> u64 {
    let ids = match next {
        Start::Before(ExchangeId(id)) => id.min(last.saturating_add(1)).saturating_sub(first),
        Start::After(ExchangeId(id)) => last.saturating_sub(id.max(first.saturating_sub(1))),
    };
    if ids <= 0 {
        return 0;
    }
    let share = ids as f64 / (last.saturating_sub(first).saturating_add(1)).max(1) as f64;
    ((all as f64 * share).round() as u64).max(1)
}
