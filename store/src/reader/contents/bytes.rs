//! Contents as they are stored, read for many exchanges one after another: a pack is read once for all that it holds.

use std::collections::HashMap;
use std::sync::LazyLock;

use dashcam_exchange::{BodyRecord, Direction, ExchangeId, MessageKind, State, StoredAs};
use dashcam_filter::{MessageContent, Parts};
use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;
use crate::reader::contents::{Contents, READ, StoredBody};
use crate::rows::body_key::{body_key, body_keys};
use crate::rows::heads::{WHOLE_REQUEST, WHOLE_RESPONSE};
use crate::rows::message_data::{self, LARGEST_PAYLOAD};
use crate::rows::pack::{self, Unpacker};

static ROWS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT id, state, pack, \
    request_size, request_stored, request_truncated, request_complete, \
    response_size, response_stored, response_truncated, response_complete, \
    CASE WHEN ?3 THEN {WHOLE_REQUEST} END, CASE WHEN ?4 THEN {WHOLE_RESPONSE} END, \
    request_stored_as, response_stored_as \
    FROM exchange_rows WHERE id BETWEEN ?1 AND ?2"
    )
});
/// NULL stands for more bytes than any dashcam writes at once, as in `reader/bodies.rs`.
const PACK: &str = "SELECT compression, size, CASE WHEN octet_length(data) <= 16777216 THEN data END \
    FROM packs WHERE id = ?";
const PIECE: &str = "SELECT key, CASE WHEN octet_length(data) <= 16777216 THEN data END FROM body_rows \
    WHERE key BETWEEN ? AND ? ORDER BY key LIMIT 1";
const MESSAGE: &str = "SELECT seq, direction, kind, compression, \
    CASE WHEN octet_length(data) <= 16777216 THEN data END \
    FROM messages WHERE exchange = ? AND seq > ? ORDER BY seq LIMIT 1";
const HAS_MESSAGES: &str =
    "SELECT exchange FROM messages WHERE exchange BETWEEN ? AND ? ORDER BY exchange LIMIT 1";

/// An exchange's row, as far as it says how its contents are stored.
#[derive(Debug)]
pub(super) struct Row {
    id: i64,
    is_open: bool,
    pack: Option<i64>,
    sides: [Side; 2],
    has_messages: bool,
}

#[derive(Debug)]
struct Side {
    record: BodyRecord,
    headers: Option<String>,
}

/// Reads contents.
pub(super) struct Loader {
    needs: Parts,
    /// The pack that was read last.
    pack: Option<LastPack>,
    unpacker: Unpacker,
    /// The bodies in that pack; the room is used again.
    content: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct LastPack {
    id: i64,
    is_damaged: bool,
}

impl Loader {
    pub(super) fn new(needs: Parts) -> Self {
        Self { needs, pack: None, unpacker: Unpacker::default(), content: Vec::new() }
    }

    /// The rows of those of `ids` that are still there.
    pub(super) fn rows(&self, connection: &Connection, ids: &[i64]) -> Result<HashMap<i64, Row>, StoreError> {
        let mut found = HashMap::with_capacity(ids.len());
        let (Some(first), Some(last)) = (ids.iter().min(), ids.iter().max()) else { return Ok(found) };
        let wanted: std::collections::HashSet<i64> = ids.iter().copied().collect();
        let mut statement = connection.prepare_cached(&ROWS)?;
        let sides = (self.wants(Direction::Request), self.wants(Direction::Response));
        let mut rows = statement.query((first, last, sides.0, sides.1))?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if wanted.contains(&id) {
                let row = read(row).map_err(|error| {
                    StoreError::Damaged(format!("a row of an exchange or of its connection: {error}"))
                });
                found.insert(id, row?);
            }
        }
        drop(rows);
        if self.needs.contains(Parts::MESSAGES) {
            mark_messages(connection, (*first, *last), &mut found)?;
        }
        Ok(found)
    }

    /// Shows `look` the contents of an exchange.
    pub(super) fn with_contents<T>(
        &mut self,
        connection: &Connection,
        row: &Row,
        look: impl FnOnce(&Contents<'_>) -> T,
    ) -> Result<T, StoreError> {
        let messages = if row.has_messages { messages(connection, row.id)? } else { Vec::new() };
        let [mut request, mut response] = [Vec::new(), Vec::new()];
        for (direction, pieces) in [(Direction::Request, &mut request), (Direction::Response, &mut response)]
        {
            if !self.wants(direction) || !row.has_body(direction) {
                continue;
            }
            if let Some(pack) = row.pack {
                self.read_pack(connection, pack)?;
            }
            if self.packed(row, direction)?.is_empty() {
                // It has rows of its own, perhaps since a moment ago; never the other way.
                *pieces = read_pieces(connection, row.id, direction)?;
            }
        }
        let of = |direction: Direction, pieces| -> Result<StoredBody<'_>, StoreError> {
            let Side { record, headers } = &row.sides[direction as usize];
            let packed = match self.wants(direction) && row.has_body(direction) {
                true => self.packed(row, direction)?,
                false => &[],
            };
            let bytes = if packed.is_empty() { pieces } else { packed };
            Ok(StoredBody::new(headers.as_deref(), record.clone(), bytes))
        };
        let (request, response) = (of(Direction::Request, &request)?, of(Direction::Response, &response)?);
        Ok(look(&Contents { request, response, messages }))
    }

    fn wants(&self, direction: Direction) -> bool {
        self.needs.contains(match direction {
            Direction::Request => Parts::REQUEST_BODY,
            Direction::Response => Parts::RESPONSE_BODY,
        })
    }

    /// The body of an exchange, if it is in the pack that was read.
    fn packed(&self, row: &Row, direction: Direction) -> Result<&[u8], StoreError> {
        match self.pack {
            Some(pack) if Some(pack.id) == row.pack => {
                if pack.is_damaged {
                    return Err(StoreError::Damaged(format!("pack {} of bodies cannot be read", pack.id)));
                }
                pack::body_in(&self.content, body_key(ExchangeId(row.id), direction, 0)?)
            }
            _ => Ok(&[]),
        }
    }

    fn read_pack(&mut self, connection: &Connection, id: i64) -> Result<(), StoreError> {
        if self.pack.is_some_and(|pack| pack.id == id) {
            return Ok(());
        }
        let Self { unpacker, content, .. } = self;
        // One that is not there has nothing in it.
        content.clear();
        let read = |row: &rusqlite::Row<'_>| {
            let (compression, size) = (row.get_ref(0)?.as_str()?, row.get(1)?);
            let data = row.get_ref(2)?.as_blob_or_null()?;
            Ok(data.is_none_or(|data| unpacker.unpack((compression, size), data, content).is_err()))
        };
        let is_damaged = connection.prepare_cached(PACK)?.query_row([id], read).optional()?.unwrap_or(false);
        self.pack = Some(LastPack { id, is_damaged });
        Ok(())
    }
}

impl Row {
    /// Bytes of both bodies that are stored.
    pub(super) fn bytes(&self) -> u64 {
        self.sides.iter().map(|side| side.record.stored).sum()
    }

    /// Returns whether some of a body is, or may be, stored.
    fn has_body(&self, direction: Direction) -> bool {
        self.is_open || self.sides[direction as usize].record.stored > 0
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let side = |at: usize, headers: usize| -> rusqlite::Result<Side> {
        let [size, stored] = [row.get::<_, i64>(at)?, row.get(at + 1)?].map(i64::unsigned_abs);
        let (truncated, complete) = (row.get(at + 2)?, row.get(at + 3)?);
        let stored_as = StoredAs::parse(row.get_ref(headers + 2)?.as_str_or_null()?.unwrap_or_default())
            .unwrap_or_default();
        let record = BodyRecord { size, stored, truncated, complete, stored_as, ..BodyRecord::default() };
        Ok(Side { record, headers: row.get(headers)? })
    };
    let is_open = row.get_ref(1)?.as_str()? == State::Open.as_str();
    let sides = [side(3, 11)?, side(7, 12)?];
    Ok(Row { id: row.get(0)?, is_open, pack: row.get(2)?, sides, has_messages: false })
}

fn mark_messages(
    connection: &Connection,
    (first, last): (i64, i64),
    rows: &mut HashMap<i64, Row>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(HAS_MESSAGES)?;
    let mut from = first;
    while let Some(id) = statement.query_row((from, last), |row| row.get::<_, i64>(0)).optional()? {
        if let Some(row) = rows.get_mut(&id) {
            row.has_messages = true;
        }
        from = id + 1;
    }
    Ok(())
}

/// The first [`READ`] bytes of a body that has rows of its own, each in a read of its own.
fn read_pieces(connection: &Connection, id: i64, direction: Direction) -> Result<Vec<u8>, StoreError> {
    let (mut next, last) = body_keys(ExchangeId(id), direction)?;
    let mut statement = connection.prepare_cached(PIECE)?;
    let mut body = Vec::new();
    while (body.len() as u64) < READ {
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<Vec<u8>>>(1)?));
        let Some((key, data)) = statement.query_row((next, last), read).optional()? else { break };
        let large =
            || StoreError::Damaged("a piece of a body is larger than any that dashcam writes".to_owned());
        body.extend_from_slice(&data.ok_or_else(large)?);
        next = key + 1;
    }
    body.truncate(usize::try_from(READ).unwrap_or(usize::MAX));
    Ok(body)
}

/// The messages of an exchange, the first 16 MiB of them, each in a read of its own.
fn messages(connection: &Connection, id: i64) -> Result<Vec<MessageContent>, StoreError> {
    let mut statement = connection.prepare_cached(MESSAGE)?;
    let (mut contents, mut after, mut left) = (Vec::new(), -1, LARGEST_PAYLOAD);
    while left > 0 {
        let read = |row: &rusqlite::Row<'_>| {
            let (direction, kind) = (Direction::parse(row.get_ref(1)?.as_str()?), row.get_ref(2)?.as_str()?);
            let (compression, data): (String, Option<Vec<u8>>) = (row.get(3)?, row.get(4)?);
            Ok((row.get::<_, i64>(0)?, direction.zip(MessageKind::parse(kind)), compression, data))
        };
        let Some((seq, kind, compression, data)) = statement.query_row((id, after), read).optional()? else {
            break;
        };
        let odd = || StoreError::Damaged("a message makes no sense".to_owned());
        let ((direction, kind), data) = kind.zip(data).ok_or_else(odd)?;
        let mut data = message_data::whole(&compression, data, LARGEST_PAYLOAD as u64)?;
        data.truncate(left);
        (after, left) = (seq, left - data.len());
        contents.push(MessageContent { direction, is_web_socket: kind != MessageKind::Grpc, data });
    }
    Ok(contents)
}
