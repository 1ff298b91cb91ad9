//! The answer over contents as they are stored, on the thread that read them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use dashcam_exchange::{Direction, Level};
use dashcam_filter::{Facts, Filter, Parts, Truth};
use dashcam_store::{Contents, Judge, Judged, ReadError, StoredBody};

use crate::decode::{Decoders, Plan, searched};
use crate::search::SEARCHED;

/// Room that a thread keeps for the next body.
const KEPT: usize = 1 << 20;

thread_local! {
    /// Where the codings of the two bodies are undone.
    static ROOMS: RefCell<[Vec<u8>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// Answers by `filter` over contents that are decoded within the limits of `decoders`.
pub(super) fn judge(filter: &Filter, decoders: &Decoders) -> Arc<Judge> {
    let (filter, decoders) = (filter.clone(), decoders.clone());
    Arc::new(move |facts: Facts<'_>, contents: &Contents<'_>| {
        ROOMS.with_borrow_mut(|rooms| {
            let answer = answer((&filter, &decoders), facts, contents, rooms);
            for room in rooms {
                room.clear();
                room.shrink_to(KEPT);
            }
            answer
        })
    })
}

fn answer(
    (filter, decoders): (&Filter, &Decoders),
    facts: Facts<'_>,
    contents: &Contents<'_>,
    [one_room, other_room]: &mut [Vec<u8>; 2],
) -> Result<Judged, ReadError> {
    let needs = filter.needs();
    let mut bytes: u64 = contents.messages.iter().map(|message| message.data.len() as u64).sum();
    let mut facts = facts;
    if needs.contains(Parts::MESSAGES) {
        facts = facts.with_messages(&contents.messages);
    }
    let [mut request, mut response] = [None, None];
    let bodies = [
        (Direction::Response, Parts::RESPONSE_BODY, &contents.response, (&mut response, one_room)),
        (Direction::Request, Parts::REQUEST_BODY, &contents.request, (&mut request, other_room)),
    ];
    for (direction, part, stored, (body, room)) in bodies {
        if !needs.contains(part) {
            continue;
        }
        // At other levels none is kept.
        if facts.level == Some(Level::Full) {
            let Some(decoded) = decoded(decoders, stored, room)? else {
                return Ok(Judged { truth: Truth::Unknown, bytes });
            };
            bytes += decoded.len() as u64;
            *body = Some(decoded);
        }
        facts = facts.with_body(direction, body.as_deref());
        let truth = filter.evaluate(&facts);
        if truth.is_certain() {
            return Ok(Judged { truth, bytes });
        }
    }
    Ok(Judged { truth: filter.evaluate(&facts), bytes })
}

/// The body as filters look at it; `None` if another one has to be read for it.
fn decoded<'b>(
    decoders: &Decoders,
    stored: &StoredBody<'b>,
    room: &'b mut Vec<u8>,
) -> Result<Option<Cow<'b, [u8]>>, ReadError> {
    if stored.bytes.is_empty() {
        return Ok(Some(Cow::Borrowed(&[])));
    }
    let plan = Plan::new(&stored.headers(Plan::HEADERS)?, &stored.record, SEARCHED);
    Ok(searched(decoders, &plan, stored.bytes, room))
}

#[cfg(test)]
mod tests;
