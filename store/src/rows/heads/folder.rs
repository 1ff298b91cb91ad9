//! Folds the heads of a batch.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::{Duration, Instant};

use dashcam_exchange::{Exchange, Headers};
use rusqlite::{Connection, OptionalExtension as _};

use super::fold::{Field, LARGEST, fields, folded, template};
use super::learning::Kind;
use super::templates::{BITS, CLOSE, EXTEND, INSERT, IS_SAME, OPEN, tidy};
use crate::StoreError;

/// Kinds that are remembered of each of an exchange's heads at most.
const KINDS: usize = 64;
/// Bytes of heads that are remembered at most.
const REMEMBERED: usize = 4 << 20;
/// Templates of an epoch at most.
const TEMPLATES: i64 = (1 << BITS) - 1;
/// Bytes of them at most.
const BYTES: usize = 1 << 20;
/// Exchanges that share templates at most: templates go with the last of them.
const EXCHANGES: u64 = 8192;
/// How far an exchange may be behind the newest one to have templates.
const APART: i64 = 16_384;
/// For how long exchanges share templates: what bounds delete by age is in none for much longer.
const LONGEST: Duration = Duration::from_secs(3600);

/// The heads of an exchange as they are stored; `None`: whole.
#[derive(Debug, Default)]
pub(crate) struct Heads {
    pub(crate) request: Option<String>,
    pub(crate) request_sent: Option<String>,
    pub(crate) response: Option<String>,
    pub(crate) response_sent: Option<String>,
}

/// Knows the templates of the epoch that goes on, and the kinds of heads.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// Of each of an exchange's heads: the kinds that were met, the last one first.
    kinds: [Vec<Kind>; 4],
    /// Bytes of heads that they remember.
    remembered: usize,
    epoch: Option<Epoch>,
    /// The newest exchange that was met.
    newest: i64,
}

#[derive(Debug)]
struct Epoch {
    id: i64,
    mark: i64,
    since: Instant,
    exchanges: u64,
    /// The number of its last template.
    last: i64,
    bytes: usize,
    /// The exchanges with its templates.
    span: Option<(i64, i64)>,
}

impl Folder {
    /// Makes ready for a batch, within its transaction. Templates that the database does not have are forgotten: an earlier
    /// transaction was rolled back, exchanges were deleted, or another file is written.
    pub(crate) fn begin(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let Some(epoch) = &self.epoch else { return Ok(()) };
        let last = if epoch.last == 0 { 0 } else { epoch.id << BITS | epoch.last };
        let span = epoch.span.unwrap_or((i64::MAX, 0));
        let is_same: Option<bool> = connection
            .prepare_cached(IS_SAME)?
            .query_row((epoch.id, epoch.mark, last, span.0, span.1), |row| row.get(0))
            .optional()?;
        let is_over = epoch.exchanges >= EXCHANGES || epoch.since.elapsed() >= LONGEST;
        if is_over && is_same == Some(true) {
            connection.prepare_cached(CLOSE)?.execute([epoch.id])?;
            tidy(connection)?;
        }
        if is_over || is_same != Some(true) {
            self.epoch = None;
        }
        Ok(())
    }

    /// Folds the heads of an exchange, and writes the templates that they need. Those that the exchange `before` it in the
    /// batch has too are not looked at again.
    pub(crate) fn fold(
        &mut self,
        connection: &Connection,
        exchange: &Exchange,
        before: Option<(&Exchange, &Heads)>,
    ) -> Result<Heads, StoreError> {
        self.newest = self.newest.max(exchange.id.0);
        if exchange.id.0 + APART < self.newest {
            // It was under way for long. What looks for those with a template is not to look through all since then.
            return Ok(Heads::default());
        }
        let received =
            [Some(&exchange.request.headers), exchange.response.as_ref().map(|head| &head.headers)];
        let sent = [
            exchange.request_sent.as_ref().map(|head| &head.headers),
            exchange.response_sent.as_ref().map(|head| &head.headers),
        ];
        let known = before.map(|(before, heads)| {
            let response = before.response.as_ref().map(|head| &head.headers);
            let request_sent = before.request_sent.as_ref().map(|head| &head.headers);
            let response_sent = before.response_sent.as_ref().map(|head| &head.headers);
            [
                (Some(&before.request.headers), request_sent, &heads.request, &heads.request_sent),
                (response, response_sent, &heads.response, &heads.response_sent),
            ]
        });
        let mut both = |side: usize| -> Result<[Option<String>; 2], StoreError> {
            let (received, sent) = (received[side], sent[side]);
            let known = known.map(|known| known[side]).filter(|known| known.0 == received);
            let one = match known.and_then(|known| known.2.clone()) {
                Some(folded) => Some(folded),
                None => self.one(connection, side, received, None)?,
            };
            let known = known.filter(|known| known.1 == sent);
            let other = match known.and_then(|known| known.3.clone()) {
                Some(folded) => Some(folded),
                None => self.one(connection, 2 + side, sent, received)?,
            };
            Ok([one, other])
        };
        let [request, request_sent] = both(0)?;
        let [response, response_sent] = both(1)?;
        let heads = Heads { request, request_sent, response, response_sent };
        let all = [&heads.request, &heads.request_sent, &heads.response, &heads.response_sent];
        if let Some(epoch) = self.epoch.as_mut().filter(|_| all.iter().any(|head| head.is_some())) {
            let id = exchange.id.0;
            epoch.span = Some(epoch.span.map_or((id, id), |(first, last)| (first.min(id), last.max(id))));
            epoch.exchanges += 1;
        }
        Ok(heads)
    }

    /// Says in the database which exchanges have the epoch's templates.
    pub(crate) fn finish(&self, connection: &Connection) -> Result<(), StoreError> {
        if let Some(Epoch { id, span: Some((first, last)), .. }) = self.epoch {
            connection.prepare_cached(EXTEND)?.execute((first, last, id))?;
        }
        Ok(())
    }

    fn one(
        &mut self,
        connection: &Connection,
        side: usize,
        head: Option<&Headers>,
        received: Option<&Headers>,
    ) -> Result<Option<String>, StoreError> {
        let Some(head) = head else { return Ok(None) };
        let is_large = |head: &Headers| head.size() > LARGEST / 2;
        if head.is_empty() || is_large(head) || received.is_some_and(is_large) {
            return Ok(None);
        }
        let epoch = self.epoch.as_ref().map_or(0, |epoch| epoch.mark);
        let known = self.kinds[side].iter().position(|kind| kind.is_of(head, received));
        if let Some(at) = known {
            self.kinds[side][..=at].rotate_right(1);
            if let Some(id) = self.kinds[side][0].template(head, epoch) {
                return Ok(Some(folded(id, self.kinds[side][0].own(id, head))));
            }
        }
        let fields = fields(head, received);
        self.remembered += bytes_of(&fields);
        if self.remembered >= REMEMBERED {
            self.kinds = Default::default();
            self.remembered = 0;
            return Ok(None);
        }
        let kinds = &mut self.kinds[side];
        if known.is_none() {
            kinds.truncate(KINDS - 1);
            kinds.insert(0, Kind::of(&fields));
        }
        if !kinds[0].meet(&fields) {
            return Ok(None);
        }
        let id = make(&mut self.epoch, connection, &mut kinds[0], &fields)?;
        Ok(id.map(|id| folded(id, kinds[0].own(id, head))))
    }
}

/// The room that they take, about.
fn bytes_of(fields: &[Field<'_>]) -> usize {
    fields.iter().map(|field| field.name.len() + field.value.len() + 64).sum()
}

/// Writes a template; says which number it has. `None` if the epoch has no room for it.
fn make(
    epoch: &mut Option<Epoch>,
    connection: &Connection,
    kind: &mut Kind,
    fields: &[Field<'_>],
) -> Result<Option<i64>, StoreError> {
    let text = template(kind.parts(fields));
    if text.len() > LARGEST {
        return Ok(None);
    }
    let epoch = match epoch {
        Some(epoch) => epoch,
        None => epoch.insert(Epoch::begin(connection)?),
    };
    if epoch.last >= TEMPLATES || epoch.bytes + text.len() > BYTES {
        return Ok(None);
    }
    (epoch.last, epoch.bytes) = (epoch.last + 1, epoch.bytes + text.len());
    let id = epoch.id << BITS | epoch.last;
    connection.prepare_cached(INSERT)?.execute((id, text))?;
    kind.enter(epoch.mark);
    kind.made(id, fields);
    Ok(Some(id))
}

impl Epoch {
    fn begin(connection: &Connection) -> Result<Self, StoreError> {
        // The standard library's hashers begin with random keys.
        let mark = i64::from_le_bytes(RandomState::new().hash_one("epoch").to_le_bytes());
        connection.prepare_cached(OPEN)?.execute([mark])?;
        let id = connection.last_insert_rowid();
        Ok(Self { id, mark, since: Instant::now(), exchanges: 0, last: 0, bytes: 0, span: None })
    }
}
