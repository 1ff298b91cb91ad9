//! One who finds placeholders of sealed secrets, opens their seals and puts the secrets back.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dashcam_exchange::{BodyRecord, Exchange, Headers, RequestHead, ResponseHead, SealId};
use dashcam_redact::{Keys, Unsealed, placeholders};
use dashcam_store::{ReadError, Reader};

use super::lost::{self, Lost};

/// Secrets that are held in memory at once.
const HELD: usize = 4096;

/// Puts sealed secrets back. Clones share what they know and count.
#[derive(Clone)]
pub struct Unsealer {
    reader: Reader,
    keys: Option<Arc<Keys>>,
    shared: Arc<Mutex<Shared>>,
}

/// Secrets by their names, or why they can't be had.
type Opened = HashMap<SealId, Result<Vec<u8>, Lost>>;

#[derive(Default)]
struct Shared {
    known: Opened,
    counts: Counts,
}

/// How many placeholders were looked at that stand for sealed secrets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those in whose places secrets stand again.
    pub put_back: u64,
    /// Those that stay, as nobody can open them here.
    pub missing: u64,
}

impl Unsealer {
    /// For the recording that `reader` reads, with its home's keys; without any, nothing can be put back.
    #[must_use]
    pub fn new(reader: &Reader, keys: Option<Arc<Keys>>) -> Self {
        Self { reader: reader.clone(), keys, shared: Arc::default() }
    }

    /// The counts so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared().counts
    }

    /// The same, for `exchange`: none if that was recorded without redaction. What looks like a placeholder there was sent
    /// by somebody, and would name the secret of another exchange.
    #[must_use]
    pub fn of(&self, exchange: &Exchange) -> Option<&Self> {
        exchange.redaction.is_some().then_some(self)
    }

    /// `text` with its secrets.
    ///
    /// # Errors
    /// When the store cannot be read; so with all that follow.
    pub async fn text(&self, text: Vec<u8>) -> Result<Vec<u8>, ReadError> {
        // Most have none.
        if placeholders(&text).next().is_none() {
            return Ok(text);
        }
        let opened = self.opened(&text).await?;
        let (text, found) = dashcam_redact::unseal(&text, |id| opened.get(id)?.clone().ok());
        self.count(found);
        Ok(text)
    }

    /// Puts secrets back in a text. One that is no UTF-8, which no text has, would be shown as far as it is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn string(&self, text: &mut String) -> Result<(), ReadError> {
        let bytes = self.text(std::mem::take(text).into_bytes()).await?;
        *text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Ok(())
    }

    /// Puts secrets back in values of headers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn headers(&self, headers: &mut Headers) -> Result<(), ReadError> {
        if headers.wire().all(|lines| placeholders(lines).next().is_none()) {
            return Ok(());
        }
        let opened = self.opened(&headers.wire().collect::<Vec<_>>().concat()).await?;
        let found = Cell::new(Unsealed::default());
        *headers = headers.with_values(|_, value| {
            placeholders(value).next()?;
            let (value, these) = dashcam_redact::unseal(value, |id| opened.get(id)?.clone().ok());
            found.update(|found| Unsealed {
                put_back: found.put_back + these.put_back,
                missing: found.missing + these.missing,
            });
            Some(value)
        });
        self.count(found.get());
        Ok(())
    }

    /// Puts secrets back in a request's head.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn request(&self, head: &mut RequestHead) -> Result<(), ReadError> {
        self.string(&mut head.target).await?;
        self.headers(&mut head.headers).await
    }

    async fn response(&self, head: &mut ResponseHead) -> Result<(), ReadError> {
        self.headers(&mut head.headers).await
    }

    /// Puts secrets back in all of an exchange but its bodies and messages, which are read apart.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn exchange(&self, exchange: &mut Exchange) -> Result<(), ReadError> {
        if self.of(exchange).is_none() {
            return Ok(());
        }
        self.request(&mut exchange.request).await?;
        if let Some(head) = &mut exchange.request_sent {
            self.request(head).await?;
        }
        let responses = [&mut exchange.response, &mut exchange.response_sent].into_iter().flatten();
        for head in responses.chain(&mut exchange.interim) {
            self.response(head).await?;
        }
        for BodyRecord { trailers, .. } in [&mut exchange.request_body, &mut exchange.response_body] {
            if let Some(trailers) = trailers {
                self.headers(trailers).await?;
            }
        }
        if let Some(failure) = &mut exchange.failure {
            self.string(&mut failure.message).await?;
        }
        Ok(())
    }

    /// The secrets that placeholders in `text` name, or why they can't be had.
    async fn opened(&self, text: &[u8]) -> Result<Opened, ReadError> {
        let mut opened = HashMap::new();
        for (_, placeholder) in placeholders(text) {
            if let Some(id) = lost::sealed(&placeholder)
                && !opened.contains_key(&id)
            {
                opened.insert(id, self.open(id).await?);
            }
        }
        Ok(opened)
    }

    /// One secret, or why it can't be had.
    pub(super) async fn open(&self, id: SealId) -> Result<Result<Vec<u8>, Lost>, ReadError> {
        let known = self.shared().known.get(&id).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let found = match (self.reader.seal(&id).await?, &self.keys) {
            (None, _) => Err(Lost::Expired),
            (Some(_), None) => Err(Lost::NoKey),
            (Some(seal), Some(keys)) => keys.open(&id, &seal.sealed).ok_or(Lost::OtherKey),
        };
        let mut shared = self.shared();
        if shared.known.len() >= HELD {
            shared.known.clear();
        }
        shared.known.insert(id, found.clone());
        Ok(found)
    }

    fn count(&self, found: Unsealed) {
        let mut shared = self.shared();
        shared.counts.put_back += u64::from(found.put_back);
        shared.counts.missing += u64::from(found.missing);
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Unsealer {
    /// Without the secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsealer").field("counts", &self.counts()).finish_non_exhaustive()
    }
}
