//! Pieces of exchanges that go on: parts of bodies, and messages.

use std::sync::Weak;
use std::sync::atomic::Ordering;

use dashcam_exchange::{Direction, ExchangeId, Message, Record};
use dashcam_redact::{Found, MessageContext};

use super::{Stage, adjust, memory_of};
use crate::budget::Held;
use crate::lock::lock;
use crate::redaction::apply;
use crate::redaction::split::parts;
use crate::redaction::streams::place;
use crate::redaction::under_way::Rules;
use crate::shared::Shared;
use crate::way::Way;

impl Stage {
    /// The exchange as it stands, once more, with its seals, where the store was told that a body is stored as it passed and
    /// `data` is the first part that is not: if dashcam is killed then, that row stays. Without room for it, nothing more of
    /// the body leaves.
    pub(super) fn told_again(
        &mut self,
        shared: &Shared,
        (id, direction): (ExchangeId, Direction),
        (way, held): (Way, &mut Held),
        data: &mut Vec<u8>,
    ) -> Vec<Record> {
        let Some(known) = self.under_way.get_mut(&id) else { return Vec::new() };
        let stored_as = known.passed(direction).stored_as;
        if way == Way::Aside || data.is_empty() || known.told[place(direction)] == stored_as {
            return Vec::new();
        }
        let Some(open) = lock(&shared.open).get(&id).and_then(Weak::upgrade) else { return Vec::new() };
        let state = lock(&open.state);
        if !state.announced {
            return Vec::new();
        }
        if held.take(state.heads).is_err() {
            if let Some(stream) = known.streams[place(direction)].as_mut() {
                stream.parts -= parts(data.len(), shared.limits.part);
                stream.stored -= data.len() as u64;
                stream.withhold(&self.counts);
            }
            *data = Vec::new();
            return Vec::new();
        }
        let mut exchange = Box::new(state.exchange.without_bodies());
        drop(state);
        let found = self.opened(shared, &mut exchange, way);
        let mut records = self.seals(found, (way, held));
        records.push(Record::Opened(exchange));
        records
    }

    /// A part of a body. If it is empty then, all of it is kept back until more comes. `None`: it may not leave.
    pub(super) fn part(
        &mut self,
        shared: &Shared,
        (id, direction): (ExchangeId, Direction),
        (seq, data): (&mut u32, &mut Vec<u8>),
        (way, held): (Way, &mut Held),
    ) -> Option<Found> {
        let open = lock(&shared.open).get(&id).and_then(Weak::upgrade);
        let known = match self.under_way.get_mut(&id) {
            Some(known) => known,
            None if self.redaction.is_none() => return Some(Found::default()),
            // Its exchange is given up.
            None => return None,
        };
        let under = match &known.rules {
            Rules::Off => return Some(Found::default()),
            Rules::Unknown => return None,
            Rules::Under(under) => under.clone(),
        };
        if known.streams[place(direction)].is_none() {
            let headers =
                open.as_ref().and_then(|open| lock(&open.state).exchange.headers(direction).cloned());
            known.stream(direction, headers.as_ref());
        }
        let stream = known.streams[place(direction)].as_mut()?;
        stream.next = *seq + 1;
        let end = stream.captured + data.len() as u64;
        let noted = open.as_ref().filter(|_| stream.is_timed);
        let came = noted.and_then(|open| lock(&open.state).take_came(direction, end));
        stream.is_timed = came.is_some();
        let came = came.unwrap_or_default();
        let memory = memory_of((&mut self.memory, &mut self.memory_aside), way);
        let (found, mut left) = stream.push_timed((&under, memory), &known.host, data, came);
        if adjust(held, data.capacity()).is_err() {
            stream.withhold(&self.counts);
            (*data, left) = Default::default();
        }
        *seq = stream.parts;
        stream.parts += parts(data.len(), shared.limits.part);
        stream.stored += data.len() as u64;
        known.replaced = known.replaced.saturating_add(found.replaced);
        known.account(direction, &self.counts);
        let is_lost = known.streams[place(direction)].as_ref().is_some_and(|stream| stream.is_counted);
        if let Some(open) = &open {
            let mut state = lock(&open.state);
            state.passed.get_or_insert_default()[place(direction)] = known.passed(direction);
            state.lost_pieces |= is_lost;
            state.have_left(direction, left);
        }
        self.counts.replaced.fetch_add(u64::from(found.replaced), Ordering::Relaxed);
        Some(found)
    }

    /// A message of an exchange that goes on.
    pub(super) fn message(&mut self, message: &mut Message, (way, held): (Way, &mut Held)) -> Option<Found> {
        let known = match self.under_way.get_mut(&message.exchange) {
            Some(known) => known,
            None if self.redaction.is_none() => return Some(Found::default()),
            None => return None,
        };
        let under = match &known.rules {
            Rules::Off => return Some(Found::default()),
            Rules::Unknown => return None,
            Rules::Under(under) => under.clone(),
        };
        let memory = memory_of((&mut self.memory, &mut self.memory_aside), way);
        let encoding = known.encodings[place(message.direction)].clone();
        let had_data = !message.data.is_empty();
        let context = MessageContext { encoding: encoding.as_deref() };
        let found = under.run(memory, &known.host, |_, redactor| redactor.message(message, &context));
        let others = size_of::<Message>();
        if found.is_none() || adjust(held, message.data.capacity() + others).is_err() {
            apply::withhold_message(message);
        }
        if had_data && message.redacted && message.data.is_empty() {
            self.counts.withheld.fetch_add(1, Ordering::Relaxed);
        }
        let found = found.unwrap_or_default();
        known.replaced = known.replaced.saturating_add(found.replaced);
        self.counts.replaced.fetch_add(u64::from(found.replaced), Ordering::Relaxed);
        Some(found)
    }
}
