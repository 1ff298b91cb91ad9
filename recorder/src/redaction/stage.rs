//! The writer's part of redaction: every record passes it before it goes to the store or to the sink beside that.

mod ended;
mod pieces;
mod rests;

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use dashcam_exchange::{Direction, Exchange, ExchangeId, Record, Redaction as Mark, Seal, Timestamp};
use dashcam_redact::{Found, Memory, Redactor};

use crate::budget::{Full, Held};
use crate::lock::lock;
use crate::now;
use crate::redaction::apply;
use crate::redaction::counts::Counts;
use crate::redaction::in_force::Redaction;
use crate::redaction::streams::place;
use crate::redaction::under_way::{Rules, UnderWay};
use crate::shared::Shared;
use crate::way::Way;

/// A secret that is met again within this time is not sealed again; seals are kept so much longer. In microseconds.
const SEALED_LATELY: i64 = 60_000_000;

/// Redaction on the writer's task.
#[derive(Debug)]
pub(crate) struct Stage {
    /// The sets in force.
    redaction: Option<Arc<Redaction>>,
    memory: Memory,
    /// The same for what goes to the sink alone, and leaves no seals in the store.
    memory_aside: Memory,
    /// Since when it is remembered what was sealed.
    remembers_since: Timestamp,
    under_way: HashMap<ExchangeId, UnderWay>,
    counts: Arc<Counts>,
}

impl Stage {
    pub(crate) fn new(counts: Arc<Counts>) -> Self {
        Self {
            redaction: None,
            memory: Memory::default(),
            memory_aside: Memory::default(),
            remembers_since: Timestamp(0),
            under_way: HashMap::new(),
            counts,
        }
    }

    /// Goes on with what is in force now.
    pub(crate) fn refresh(&mut self, shared: &Shared) {
        self.redaction = shared.redaction.load_full();
        let is_told = shared.forgets_seals.swap(false, Ordering::Relaxed);
        if is_told || now().0 - self.remembers_since.0 >= self.remembers_for() {
            self.forget_seals();
        }
    }

    /// Hands over again the seals of secrets that are met again: those of a batch were lost.
    pub(crate) fn forget_seals(&mut self) {
        self.remembers_since = now();
        self.memory.forget_seals();
        self.memory_aside.forget_seals();
    }

    fn seal_for(&self) -> i64 {
        let seal_for = self.redaction.as_ref().map_or(0, |redaction| redaction.seal_for().as_micros());
        i64::try_from(seal_for).unwrap_or(i64::MAX / 4)
    }

    fn remembers_for(&self) -> i64 {
        SEALED_LATELY.min(self.seal_for() / 8)
    }

    /// Returns whether all parts of a body before the part `next` came by here, so that it may.
    pub(crate) fn is_next(&self, id: ExchangeId, direction: Direction, next: u32) -> bool {
        let Some(known) = self.under_way.get(&id) else { return self.redaction.is_none() };
        let stream = known.streams[place(direction)].as_ref();
        matches!(known.rules, Rules::Off) || stream.map_or(0, |stream| stream.next) == next
    }

    /// Returns whether bodies of an exchange that goes on leave as they passed, whatever is in them.
    pub(crate) fn leaves_alone(&self, id: ExchangeId) -> bool {
        let known = self.under_way.get(&id);
        known.map_or(self.redaction.is_none(), |known| matches!(known.rules, Rules::Off))
    }

    /// Forgets exchanges that have gone without an end.
    pub(crate) fn sweep(&mut self, shared: &Shared) {
        if !self.under_way.is_empty() {
            let open = lock(&shared.open);
            self.under_way.retain(|id, _| open.contains_key(id));
        }
    }

    /// Takes the secrets out of `record`, which holds `held`. Returns the seals that go before it, and how large the parts
    /// are into which it is split; `None` if it may not leave.
    pub(crate) fn record(
        &mut self,
        shared: &Shared,
        record: &mut Record,
        (way, held): (Way, &mut Held),
    ) -> (Vec<Record>, Option<usize>) {
        let (mut leaves, mut again) = (Some(usize::MAX), Vec::new());
        let found = match record {
            Record::Connection(connection) => self.of_no_exchange(way, |redactor| match redactor {
                Some(redactor) => apply::connection(redactor, connection),
                None => apply::strip_connection(connection),
            }),
            Record::Program { program, .. } => self.of_no_exchange(way, |redactor| match redactor {
                Some(redactor) => apply::program(redactor, program),
                None => program.command = None,
            }),
            Record::Opened(exchange) => self.opened(shared, exchange, way),
            Record::BodyPart { exchange, direction, seq, data } => {
                let passed = self.part(shared, (*exchange, *direction), (seq, data), (way, &mut *held));
                again = self.told_again(shared, (*exchange, *direction), (way, &mut *held), data);
                let part = if self.is_redacted(*exchange) { shared.limits.part } else { usize::MAX };
                leaves = passed.as_ref().filter(|_| !data.is_empty()).map(|_| part);
                passed.unwrap_or_default()
            }
            Record::Message(message) => {
                let passed = self.message(message, (way, &mut *held));
                leaves = passed.as_ref().map(|_| usize::MAX);
                passed.unwrap_or_default()
            }
            Record::Interrupted(id) => {
                self.under_way.remove(id);
                Found::default()
            }
            Record::Arrivals { .. }
            | Record::UpstreamConnection(_)
            | Record::Certificate { .. }
            | Record::Finished(_)
            | Record::Discarded { .. }
            | Record::Seal(_)
            | Record::Gap(_) => Found::default(),
        };
        let mut before = self.seals(found, (way, held));
        before.extend(again);
        (before, leaves)
    }

    /// Returns whether parts of that exchange's bodies are not those that were captured.
    fn is_redacted(&self, id: ExchangeId) -> bool {
        self.under_way.get(&id).is_some_and(|known| matches!(known.rules, Rules::Under(_)))
    }

    /// Does `work` with redactors of the set that is chosen for all; where one fails, without.
    fn of_no_exchange(&mut self, way: Way, mut work: impl FnMut(Option<&mut Redactor<'_>>)) -> Found {
        let under = self.redaction.as_ref().and_then(|redaction| redaction.under(&[None], &self.counts));
        let Some(under) = under else { return Found::default() };
        let memory = memory_of((&mut self.memory, &mut self.memory_aside), way);
        let found = under.run(memory, "", |_, redactor| work(Some(redactor)));
        found.unwrap_or_else(|| {
            work(None);
            Found::default()
        })
    }

    /// The seals of `found`, which hold memory as well. Without room for it, nobody will be able to put the secrets back.
    fn seals(&mut self, found: Found, (way, held): (Way, &mut Held)) -> Vec<Record> {
        let bytes = found.seals.iter().map(|(_, sealed)| size_of::<Seal>() + sealed.capacity()).sum();
        if found.seals.is_empty() || way == Way::Aside {
            return Vec::new();
        }
        if held.take(bytes).is_err() {
            self.memory.forget_seals();
            return Vec::new();
        }
        self.counts.sealed.fetch_add(found.seals.len() as u64, Ordering::Relaxed);
        // A seal that is remembered may be named by later records until it is forgotten.
        let expires_at =
            Timestamp(now().0.saturating_add(self.seal_for()).saturating_add(self.remembers_for()));
        let seal = |(id, sealed)| Record::Seal(Box::new(Seal { id, sealed, expires_at }));
        found.seals.into_iter().map(seal).collect()
    }

    /// An exchange as it stands, of which pieces follow.
    fn opened(&mut self, shared: &Shared, exchange: &mut Exchange, way: Way) -> Found {
        let (id, host) = (exchange.id, exchange.destination.host.clone());
        if !self.under_way.contains_key(&id) {
            let rules = self.rules_of(shared, id);
            let held = Held::nothing(shared.own.memory.clone());
            self.under_way.insert(id, UnderWay::new(rules, host.clone(), held));
        }
        let Some(known) = self.under_way.get_mut(&id) else { return Found::default() };
        let under = match &known.rules {
            Rules::Off => return Found::default(),
            Rules::Unknown => {
                apply::strip(exchange);
                return Found::default();
            }
            Rules::Under(under) => under.clone(),
        };
        known.stream(Direction::Request, Some(&exchange.request.headers));
        if let Some(response) = &exchange.response {
            known.stream(Direction::Response, Some(&response.headers));
        }
        let memory = memory_of((&mut self.memory, &mut self.memory_aside), way);
        let found = under.run(memory, &host, |_, redactor| redactor.heads(exchange));
        if found.is_none() {
            apply::strip(exchange);
        }
        let found = found.unwrap_or_default();
        for (direction, body) in [
            (Direction::Request, &mut exchange.request_body),
            (Direction::Response, &mut exchange.response_body),
        ] {
            let passed = known.passed(direction);
            (body.parts, body.stored, body.stored_as) = (passed.parts, passed.stored, passed.stored_as);
            known.told[place(direction)] = passed.stored_as;
        }
        let replaced = known.replaced.saturating_add(found.replaced);
        exchange.redaction = Some(Mark { set: under.label(), replaced });
        found
    }

    /// The rules of an exchange of which the first piece leaves.
    fn rules_of(&self, shared: &Shared, id: ExchangeId) -> Rules {
        let Some(redaction) = &self.redaction else { return Rules::Off };
        let open = lock(&shared.open).get(&id).and_then(Weak::upgrade);
        // One that was given up meanwhile can't say whose rules may decide about it: all are in force.
        let names = open.as_ref().map_or_else(|| redaction.names(), |open| lock(&open.state).redactions());
        let rules = redaction.under(&names, &self.counts).map_or(Rules::Off, Rules::Under);
        if let Some(open) = open {
            lock(&open.state).rules = Some(Box::new(rules.clone()));
        }
        rules
    }
}

/// The memory for records that go this way.
fn memory_of<'m>((store, aside): (&'m mut Memory, &'m mut Memory), way: Way) -> &'m mut Memory {
    if way == Way::Aside { aside } else { store }
}

/// Holds at least `needed`.
fn adjust(held: &mut Held, needed: usize) -> Result<(), Full> {
    let held_now = held.amount();
    held.take(needed.saturating_sub(held_now))
}
