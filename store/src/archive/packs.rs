//! Bodies that are in packs: they get packs of the archive's own, as others may be in theirs that are not moved.

use rusqlite::{Connection, OptionalExtension as _};

use crate::StoreError;
use crate::rows::body_key::BITS;
use crate::rows::pack::{self, Stored};

/// A pack is closed when it holds so much, as others are.
const FULL: usize = 256 << 10;

/// The bodies of one pack, each with its key.
type Bodies = Vec<(i64, Vec<u8>)>;

/// Copies the packed bodies of `exchanges`, whose rows are in the archive already.
pub(super) fn copy(connection: &Connection, exchanges: &[i64]) -> Result<(), StoreError> {
    let (mut open, mut held): (Option<(i64, Bodies)>, Bodies) = (None, Vec::new());
    for exchange in exchanges {
        let named = "SELECT pack FROM source.exchange_rows WHERE id = ?";
        let named =
            connection.prepare_cached(named)?.query_row([exchange], |row| row.get::<_, Option<i64>>(0));
        let Some(named) = named.optional()?.flatten() else { continue };
        // Exchanges of one pack follow each other.
        let bodies = match open.take() {
            Some((id, bodies)) if id == named => bodies,
            _ => read(connection, named)?,
        };
        held.extend(bodies.iter().filter(|(key, _)| key >> BITS == *exchange).cloned());
        open = Some((named, bodies));
        if held.iter().map(|(_, body)| body.len()).sum::<usize>() >= FULL {
            write(connection, &std::mem::take(&mut held))?;
        }
    }
    write(connection, &held)
}

fn read(connection: &Connection, pack: i64) -> Result<Bodies, StoreError> {
    let sql = "SELECT compression, size, data FROM source.packs WHERE id = ?";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Stored { compression: row.get(0)?, size: row.get(1)?, data: row.get(2)? })
    };
    let stored = connection.prepare_cached(sql)?.query_row([pack], read).optional()?;
    stored.map_or(Ok(Vec::new()), Stored::bodies)
}

fn write(connection: &Connection, bodies: &Bodies) -> Result<(), StoreError> {
    let [id, _] = pack::next(connection)?;
    let Some(made) = pack::of_bodies(id, bodies)? else { return Ok(()) };
    pack::TABLE.insert(connection, &[made], pack::bind)?;
    for (key, _) in bodies {
        let sql = "UPDATE main.exchange_rows SET pack = ? WHERE id = ?";
        connection.prepare_cached(sql)?.execute([id, key >> BITS])?;
    }
    Ok(())
}
