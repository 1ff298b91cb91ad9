//! Records sorted by table, and their way into the database.

use std::sync::{Arc, LazyLock};

use dashcam_exchange::{
    self as exchange, Certificate, ConnectionId, Direction, Exchange, ExchangeId, Gap, Program, State,
    Timestamp, UpstreamConnection,
};
use rusqlite::{Connection, ToSql};

use crate::StoreError;
use crate::rows::arrivals::{self, ArrivalsRow};
use crate::rows::body_key::body_key;
use crate::rows::connection_row;
use crate::rows::exchange_detail::Row;
use crate::rows::exchange_row;
use crate::rows::expiries;
use crate::rows::heads::Folder;
use crate::rows::interned::{Interned, REDACTION_SETS, RULES};
use crate::rows::interruption::interrupt;
use crate::rows::pack::{self, Pack, Packer};
use crate::rows::payload_rows::{self, Data, MessageRow, Part, Rest};
use crate::rows::seals::{self, Seals};
use crate::rows::segment;
use crate::rows::table::Table;
use crate::rows::upstream_connection_row;
use crate::rows::values::Values;
use crate::state::known::now;

/// The rows that one transaction adds.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) connections: Vec<exchange::Connection>,
    /// Programs that opened connections, which have rows or are in `connections`.
    pub(crate) programs: Vec<(ConnectionId, Box<Program>)>,
    pub(crate) upstream_connections: Vec<UpstreamConnection>,
    /// With the time at which each was shown.
    pub(crate) certificates: Vec<(Certificate, Timestamp)>,
    /// Exchanges that have no row yet.
    pub(crate) exchanges: Vec<Row>,
    /// Exchanges that have one, in their order.
    pub(crate) exchanges_again: Vec<Row>,
    pub(crate) parts: Vec<Part>,
    /// When the bytes of bodies came.
    pub(crate) arrivals: Vec<ArrivalsRow>,
    pub(crate) packs: Vec<Pack>,
    pub(crate) messages: Vec<MessageRow>,
    pub(crate) gaps: Vec<Gap>,
    /// Sealed secrets that the rows name.
    pub(crate) seals: Seals,
    /// Exchanges whose bodies or messages come before any row of their own.
    pub(crate) orphans: Vec<i64>,
    /// Exchanges that were such, and have a row now.
    pub(crate) adopted: Vec<i64>,
    /// Exchanges that have a row and of which no more is stored: their end was lost, or others needed their room.
    pub(crate) interrupted: Vec<i64>,
    /// Exchanges of which something is taken back, before anything is added.
    pub(crate) discards: Vec<Discard>,
    /// Bodies of those are left to be swept.
    pub(crate) leaves_bodies: bool,
    /// Exchanges that belong to a snapshot from then on.
    pub(crate) members: Option<Members>,
    /// Rows that `exchanges` grows by.
    pub(crate) new_exchanges: i64,
    /// The highest exchange that is named.
    pub(crate) last_exchange: i64,
    /// The highest connection that is named.
    pub(crate) last_connection: i64,
    /// The highest connection to an upstream that is named.
    pub(crate) last_upstream_connection: i64,
}

/// An exchange of which something is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Discard {
    pub(crate) exchange: i64,
    /// Its row stays, or follows.
    pub(crate) bodies_only: bool,
}

/// Exchanges that a snapshot has.
#[derive(Debug)]
pub(crate) struct Members {
    pub(crate) snapshot: i64,
    pub(crate) exchanges: Vec<ExchangeId>,
    /// When they are added.
    pub(crate) at: Timestamp,
}

static ORPHANS: LazyLock<Table> =
    LazyLock::new(|| Table::new("INSERT OR REPLACE", "orphans", "exchange, deleted"));

const ADOPTED: &str = "DELETE FROM orphans WHERE exchange = ?";

static INTERRUPTED: LazyLock<String> = LazyLock::new(|| interrupt("id = ? AND state = 'open'"));

const META: &str = "UPDATE meta SET last_exchange = max(last_exchange, ?), \
    last_connection = max(last_connection, ?), \
    last_upstream_connection = max(last_upstream_connection, ?), exchanges = exchanges + ?";

impl Batch {
    /// Adds an exchange that comes `again`, or for the first time.
    pub(crate) fn push(&mut self, exchange: Arc<Exchange>, again: bool) {
        let exchanges = if again { &mut self.exchanges_again } else { &mut self.exchanges };
        let (rule, redaction_set, heads) = Default::default();
        exchanges.push(Row { exchange, place: None, pack: None, rule, redaction_set, heads });
    }

    /// Puts what exchanges hold of their bodies where it belongs: into packs, or behind the pieces that came before.
    /// Messages are compressed.
    pub(crate) fn pack(&mut self, packer: &mut Packer, busy: bool) -> Result<(), StoreError> {
        // In the order of the keys SQLite appends, rather than looking for the place of each row.
        self.exchanges.sort_unstable_by_key(|row| row.exchange.id.0);
        let mut rows: Vec<_> = self.exchanges.iter_mut().chain(&mut self.exchanges_again).collect();
        let (mut kept, others): (Vec<_>, Vec<_>) =
            rows.drain(..).partition(|row| row.exchange.keep_until.is_some());
        self.packs = packer.pack(others.into_iter(), busy)?;
        let of_kept = packer.pack(kept.iter_mut().map(|row| &mut **row), busy)?;
        kept.iter_mut().for_each(|row| row.place = row.place.map(|place| place + self.packs.len()));
        self.packs.extend(of_kept.into_iter().map(|pack| Pack { is_kept: true, ..pack }));
        for Row { exchange, place, .. } in self.exchanges.iter().chain(&self.exchanges_again) {
            for direction in [Direction::Request, Direction::Response] {
                let body = Rest { exchange: Arc::clone(exchange), direction };
                let is_packed = place.is_some() && body.record().parts == 0;
                if !is_packed && !body.record().rest.is_empty() {
                    let key = body_key(exchange.id, direction, body.record().parts)?;
                    self.parts.push(Part { key, data: Data::Rest(body) });
                }
            }
        }
        self.parts.sort_by_key(|part| part.key);
        packer.pack_messages(&mut self.messages, busy)
    }

    /// Writes everything, within the transaction that the caller has begun. [`Batch::pack`] comes before. What fails
    /// may be written again.
    pub(crate) fn write(&mut self, connection: &Connection, folder: &mut Folder) -> Result<(), StoreError> {
        if !self.packs.is_empty() {
            self.number(pack::next(connection)?);
        }
        seals::write(connection, &self.seals, now())?;
        self.name(connection)?;
        self.fold(connection, folder)?;
        let rows = self.exchanges.iter().chain(&self.exchanges_again).map(|row| row.exchange.id.0);
        segment::forget(connection, rows.chain(self.interrupted.iter().copied()))?;
        exchange_row::NEW.insert(connection, &self.exchanges, exchange_row::bind)?;
        exchange_row::AGAIN.insert(connection, &self.exchanges_again, exchange_row::bind)?;
        for row in self.exchanges.iter().chain(&self.exchanges_again) {
            if let Some(until) = row.exchange.keep_until {
                expiries::add(connection, row.exchange.id.0, until)?;
            }
        }
        pack::TABLE.insert(connection, &self.packs, pack::bind)?;
        payload_rows::BODIES.insert(connection, &self.parts, payload_rows::bind_part)?;
        arrivals::TABLE.insert(connection, &self.arrivals, arrivals::bind)?;
        payload_rows::MESSAGES.insert(connection, &self.messages, payload_rows::bind_message)?;
        connection_row::TABLE.insert(connection, &self.connections, connection_row::bind)?;
        for (id, program) in &self.programs {
            let Program { name, pid, path, command, cgroup } = &**program;
            let found = (id.0, name, pid, path, command, cgroup);
            connection.prepare_cached(connection_row::FOUND)?.execute(found)?;
        }
        upstream_connection_row::TABLE.insert(
            connection,
            &self.upstream_connections,
            upstream_connection_row::bind,
        )?;
        upstream_connection_row::CERTIFICATES.insert(
            connection,
            &self.certificates,
            upstream_connection_row::bind_certificate,
        )?;
        payload_rows::GAPS.insert(connection, &self.gaps, payload_rows::bind_gap)?;
        ORPHANS.insert(connection, &self.orphans, bind_orphan)?;
        for id in &self.interrupted {
            connection.prepare_cached(&INTERRUPTED)?.execute([id])?;
            expiries::add_again(connection, *id)?;
        }
        for id in &self.adopted {
            connection.prepare_cached(ADOPTED)?.execute([id])?;
        }
        let (connections, upstreams) = (self.last_connection, self.last_upstream_connection);
        let numbers = [self.last_exchange, connections, upstreams, self.new_exchanges];
        connection.prepare_cached(META)?.execute(numbers)?;
        Ok(())
    }

    /// Says in the rows which numbers the rules have that decided about them, and the sets that redacted them.
    fn name(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let (mut rules, mut sets) = (Interned::of(RULES), Interned::of(REDACTION_SETS));
        for row in self.exchanges.iter_mut().chain(&mut self.exchanges_again) {
            let rule = row.exchange.rule.as_deref();
            row.rule = rule.map(|name| rules.number(connection, name)).transpose()?;
            let set = row.exchange.redaction.as_ref().map(|redaction| &*redaction.set);
            row.redaction_set = set.map(|name| sets.number(connection, name)).transpose()?;
        }
        Ok(())
    }

    /// Folds the heads of the exchanges.
    fn fold(&mut self, connection: &Connection, folder: &mut Folder) -> Result<(), StoreError> {
        if self.exchanges.is_empty() && self.exchanges_again.is_empty() {
            return Ok(());
        }
        folder.begin(connection)?;
        let mut before: Option<&Row> = None;
        for row in self.exchanges.iter_mut().chain(&mut self.exchanges_again) {
            row.heads =
                folder.fold(connection, &row.exchange, before.map(|row| (&*row.exchange, &row.heads)))?;
            before = Some(row);
        }
        folder.finish(connection)
    }

    /// Numbers the packs from those numbers on, and says so in the rows.
    fn number(&mut self, mut next: [i64; 2]) {
        for pack in &mut self.packs {
            let next = &mut next[usize::from(pack.is_kept)];
            pack.id = *next;
            *next += 1;
        }
        for row in self.exchanges.iter_mut().chain(&mut self.exchanges_again) {
            row.pack = row.place.and_then(|place| self.packs.get(place)).map(|pack| pack.id);
        }
    }

    /// Returns whether the database has it: a transaction whose end failed can survive. Rows that may be
    /// written twice without harm are not looked at.
    pub(crate) fn is_stored(&self, connection: &Connection) -> Result<bool, StoreError> {
        let one = |sql: &str, values: &[&dyn ToSql]| -> Result<bool, StoreError> {
            Ok(connection.prepare_cached(sql)?.exists(values)?)
        };
        if let Some(row) = self.exchanges.first() {
            return one("SELECT 1 FROM exchange_rows WHERE id = ?", &[&row.exchange.id.0]);
        }
        if let Some(row) = self.exchanges_again.iter().find(|row| row.exchange.state != State::Open) {
            let sql = "SELECT 1 FROM exchange_rows WHERE id = ? AND state = ?";
            return one(sql, &[&row.exchange.id.0, &row.exchange.state.as_str()]);
        }
        if let Some(MessageRow { message, .. }) = self.messages.first() {
            let sql = "SELECT 1 FROM messages WHERE exchange = ? AND seq = ?";
            return one(sql, &[&message.exchange.0, &message.seq]);
        }
        if let Some(part) = self.parts.first() {
            return one("SELECT 1 FROM body_rows WHERE key = ?", &[&part.key]);
        }
        let Some(gap) = self.gaps.first() else { return Ok(false) };
        let sql = "SELECT 1 FROM gaps WHERE from_at = ? AND until_at = ? AND reason = ?";
        one(sql, &[&gap.from.0, &gap.until.0, &gap.reason.as_str()])
    }
}

fn bind_orphan(exchange: &i64, values: &mut Values<'_, '_, '_>) {
    values.push(*exchange);
    values.push(0);
}
