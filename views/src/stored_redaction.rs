//! Redaction of what is stored: exchanges that were recorded without it, or under another set.
//!
//! [`StoredRedaction::of`] reads one exchange, and says what a set replaces in it, and what is to be stored in its place.
//! [`crate::selection::Selection::redact`] goes through many.

pub mod chosen_value;
mod findings;
mod redact;

use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Direction, Exchange, ExchangeId, Message, State, Timestamp};
use dashcam_redact::{Keys, Memory, Set, guarded};
use dashcam_store::{ReadError, Reader, Rewrite};

use crate::payload::Parts;
pub use findings::Finding;

/// Bytes of bodies and messages of one exchange that are held in memory.
const LARGEST: u64 = 64 << 20;
/// Messages that are read at once.
const PAGE: u32 = 200;

/// A set, and the keys under which it seals.
#[derive(Debug, Clone)]
pub struct StoredRedaction {
    /// The recording.
    pub reader: Reader,
    /// The set.
    pub set: Arc<Set>,
    /// The home's keys.
    pub keys: Arc<Keys>,
    /// How long what it seals can be put back.
    pub seal_for: Duration,
    /// True if exchanges are to be under this set from now on. Otherwise they stay under theirs, and it only adds to it.
    pub marks: bool,
}

/// The outcome for one exchange.
#[derive(Debug)]
pub enum Outcome {
    /// There is none, or it goes on: it is left alone.
    LeftOut,
    /// It is under this set already.
    Done,
    /// Its bodies and messages are more than are held in memory.
    TooLarge,
    /// Redaction itself failed on it, which is a bug: it is left as it is.
    Failed,
    /// Finds what is replaced in it, and what is to be stored in its place, if that is something else.
    Found(Vec<Finding>, Option<Box<Rewrite>>),
}

/// All of an exchange.
#[derive(Debug, Clone)]
struct Whole {
    exchange: Exchange,
    /// The request's and the response's body, where something of it is stored.
    bodies: [Option<Vec<u8>>; 2],
    messages: Vec<Message>,
}

impl StoredRedaction {
    /// Redacts one exchange as of now. Nothing is written.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn of(&self, id: ExchangeId, now: Timestamp) -> Result<Outcome, ReadError> {
        let Some(exchange) = self.reader.exchange(id).await? else { return Ok(Outcome::LeftOut) };
        if exchange.state == State::Open {
            return Ok(Outcome::LeftOut);
        }
        let is_under = exchange.redaction.as_ref().is_some_and(|by| by.set == *self.set.label());
        if self.marks && is_under {
            return Ok(Outcome::Done);
        }
        let Some(whole) = self.whole(exchange).await? else { return Ok(Outcome::TooLarge) };
        let (this, expires_at) = (self.clone(), Timestamp(now.0.saturating_add(self.sealed_us())));
        let redact = move || {
            // A panic's message may have a secret in it.
            guarded(|| redact::redact(&this, whole, expires_at, &mut Memory::default()))
        };
        // Long bodies take a while, and nobody else is to wait for them.
        let done = tokio::task::spawn_blocking(redact).await;
        Ok(match done {
            Ok(Some((findings, rewrite))) => Outcome::Found(findings, rewrite.map(Box::new)),
            Ok(None) | Err(_) => Outcome::Failed,
        })
    }

    fn sealed_us(&self) -> i64 {
        i64::try_from(self.seal_for.as_micros()).unwrap_or(i64::MAX)
    }

    /// The exchange with its bodies and messages; `None` if they are too large.
    async fn whole(&self, exchange: Exchange) -> Result<Option<Whole>, ReadError> {
        let mut bodies = [None, None];
        let mut held = exchange.request_body.stored + exchange.response_body.stored;
        if held > LARGEST {
            return Ok(None);
        }
        for (body, direction) in bodies.iter_mut().zip([Direction::Request, Direction::Response]) {
            if exchange.body(direction).stored > 0 {
                *body = Some(Parts::of_body(&self.reader, exchange.id, direction).gathered(None).await?);
            }
        }
        let mut messages: Vec<Message> = Vec::new();
        loop {
            let after = messages.last().map(|message| message.seq);
            let page = self.reader.messages(exchange.id, after, PAGE).await?;
            held += page.iter().map(|message| message.data.len() as u64).sum::<u64>();
            if held > LARGEST {
                return Ok(None);
            }
            let is_last = page.len() < PAGE as usize;
            messages.extend(page);
            if is_last {
                break;
            }
        }
        Ok(Some(Whole { exchange, bodies, messages }))
    }
}
