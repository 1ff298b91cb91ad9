//! Secrets that a replay's record would have in clear: those of the original that the set in force doesn't find again.

use std::collections::HashMap;
use std::sync::Arc;

use dashcam_exchange::{Direction, Exchange, Headers, RequestHead, SealId, StoredAs};
use dashcam_redact::{Body, Definitions, How, InvalidSet, Keys, Memory, Redactor, Set, Sets, placeholders};
use dashcam_store::ReadError;
use dashcam_views::unseal::Unsealer;

/// The name of a set; `None` is the one that is chosen for all.
pub(super) type SetName = Option<Arc<str>>;

/// A head and a body.
type Request = (RequestHead, Vec<u8>);

/// A request that is to be sent, before and after its secrets are put back.
pub(super) struct Filled {
    /// The exchange that it is of.
    exchange: Exchange,
    /// The host that it goes to.
    host: String,
    before: Request,
    after: Request,
    /// The secrets, by their names in `before`.
    secrets: HashMap<SealId, Vec<u8>>,
}

impl Filled {
    /// Puts secrets back in a copy.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn new(
        unsealer: &Unsealer,
        (exchange, host): (&Exchange, &str),
        (head, body): (&RequestHead, Vec<u8>),
    ) -> Result<Self, ReadError> {
        let mut placeholders: HashMap<SealId, Vec<u8>> = HashMap::new();
        for (_, text) in pieces(head, &body) {
            placeholders.extend(sealed(text).map(|(id, placeholder)| (id, placeholder.to_vec())));
        }
        let mut secrets = HashMap::new();
        for (id, placeholder) in placeholders {
            secrets.insert(id, unsealer.text(placeholder).await?);
        }
        let mut after = head.clone();
        unsealer.request(&mut after).await?;
        // A body without secrets can be long.
        let has_sealed = sealed(&body).next().is_some();
        let body = if has_sealed { body } else { Vec::new() };
        let after = (after, unsealer.text(body.clone()).await?);
        let (exchange, host) = (exchange.clone(), host.to_owned());
        Ok(Self { exchange, host, before: (head.clone(), body), after, secrets })
    }

    /// The first of some sets under which the record has none of the secrets in clear; otherwise a place where it has one
    /// under the first.
    ///
    /// # Errors
    /// When the sets make no sense, which those in force do.
    pub(super) fn set(
        &self,
        definitions: &Definitions,
        keys: &Keys,
        names: &[SetName],
    ) -> Result<Result<SetName, String>, InvalidSet> {
        let sets = Sets::compile(definitions)?;
        let mut first = None;
        for name in names {
            let named = name.as_deref().and_then(|name| sets.set(Some(name)));
            let place = match named.or_else(|| sets.set(None)) {
                Some(set) => self.in_clear(&self.recorded(set, keys)),
                None => self.in_clear(&self.after),
            };
            match place {
                None => return Ok(Ok(name.clone())),
                Some(place) => first = first.or(Some(place)),
            }
        }
        Ok(first.map_or(Ok(None), Err))
    }

    /// The request as it is recorded under a set.
    fn recorded(&self, set: &Set, keys: &Keys) -> Request {
        let mut memory = Memory::default();
        let (head, body) = &self.after;
        let mut redactor = Redactor::new(set, keys, &mut memory, &self.host);
        let mut exchange = Exchange {
            request: head.clone(),
            request_sent: None,
            response: None,
            response_sent: None,
            interim: Vec::new(),
            failure: None,
            ..self.exchange.clone()
        };
        redactor.heads(&mut exchange);
        let mut looked_at = Body::new(set, Direction::Request, &head.headers);
        let mut out = looked_at.push(body, &mut redactor);
        out.extend(looked_at.finish(false, &mut redactor));
        let is_as_sent = looked_at.stored_as() == StoredAs::Sent;
        (exchange.request, if is_as_sent { body.clone() } else { out })
    }

    /// A place where a record has a secret that the original has not there.
    fn in_clear(&self, (head, body): &Request) -> Option<String> {
        let recorded = pieces(head, body).map(|(_, text)| text);
        let mut both = pieces(&self.before.0, &self.before.1).zip(recorded);
        both.find_map(|((place, before), after)| {
            let missing = missing(before, after);
            let (before, after) = (clear(before), clear(after));
            let stands = |id: &SealId| {
                let secret = self.secrets.get(id).map_or(&[][..], Vec::as_slice);
                count(&after, secret) > count(&before, secret)
            };
            missing.iter().any(stands).then_some(place)
        })
    }
}

/// The target, the fields and the body, each with its place.
fn pieces<'r>(head: &'r RequestHead, body: &'r [u8]) -> impl Iterator<Item = (String, &'r [u8])> {
    let target = std::iter::once(("URL".to_owned(), head.target.as_bytes()));
    target.chain(fields(&head.headers)).chain(std::iter::once(("body".to_owned(), body)))
}

fn fields(headers: &Headers) -> impl Iterator<Item = (String, &[u8])> {
    headers.iter().map(|(name, value)| {
        (format!("header {}", String::from_utf8_lossy(name).to_ascii_lowercase()), value)
    })
}

/// The placeholders of sealed secrets.
fn sealed(text: &[u8]) -> impl Iterator<Item = (SealId, &[u8])> {
    placeholders(text).filter_map(move |(range, placeholder)| {
        let id = placeholder.id.filter(|_| placeholder.how == How::Seal)?;
        Some((id, &text[range]))
    })
}

/// The secrets of a text that are not in another as often.
fn missing(before: &[u8], after: &[u8]) -> Vec<SealId> {
    let mut counts: HashMap<SealId, i64> = HashMap::new();
    sealed(before).for_each(|(id, _)| *counts.entry(id).or_default() += 1);
    // Where nothing is sealed any more, it is a pseudonym of the same name.
    for (_, placeholder) in placeholders(after) {
        if let Some(count) = placeholder.id.and_then(|id| counts.get_mut(&id)) {
            *count -= 1;
        }
    }
    counts.into_iter().filter(|(_, count)| *count > 0).map(|(id, _)| id).collect()
}

/// A text without its placeholders.
fn clear(text: &[u8]) -> Vec<u8> {
    let (mut clear, mut from) = (Vec::new(), 0);
    for (range, _) in placeholders(text) {
        clear.extend_from_slice(&text[from..range.start]);
        clear.push(0);
        from = range.end;
    }
    clear.extend_from_slice(&text[from..]);
    clear
}

fn count(text: &[u8], part: &[u8]) -> usize {
    if part.is_empty() { 0 } else { text.windows(part.len()).filter(|window| *window == part).count() }
}

#[cfg(test)]
mod tests;
