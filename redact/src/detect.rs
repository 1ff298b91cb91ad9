//! Secrets that give themselves away by their shape, or by a name before them, wherever they stand in a text.
//!
//! A gate finds the places that are worth a look in one pass ([`hits`]); probes look closer there; the rules of the
//! set decide about what they find.

mod assignment;
mod authorization;
mod bytes;
mod candidates;
mod card;
mod commands;
mod detector;
pub(crate) mod gate;
mod jwt;
mod keys;
mod one_time;
mod pem;
mod plausible;
pub(crate) mod rules;
mod services;
mod url_credential;

use std::ops::Range;

use self::candidates::{Candidate, Candidates};
pub(crate) use self::gate::{Hit, hits};
pub(crate) use self::pem::open_block;
use crate::edits::Edits;
use crate::how::On;
use crate::names::{Decision, Place, Treatment};
use crate::placeholder::is_redacted;
use crate::redactor::Redactor;

/// A secret in a text, and how it is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secret<'s> {
    pub(crate) range: Range<usize>,
    pub(crate) treatment: Treatment<'s>,
}

impl<'s> Redactor<'s> {
    /// `text` with its secrets replaced; `None` if nothing was found.
    pub(crate) fn text(&mut self, on: On, text: &[u8]) -> Option<Vec<u8>> {
        let mut found = Vec::new();
        hits(text, &mut found);
        if found.is_empty() && !self.texts.has_expressions() {
            return None;
        }
        let secrets = self.secrets(on, text, (&found, 0));
        if secrets.is_empty() {
            return None;
        }
        let mut edits = Edits::new(text);
        for Secret { range, treatment } in secrets {
            let out = edits.replace(&range);
            self.replacer.put(treatment.kind, treatment.how, &text[range], out);
        }
        edits.finish(text.len())
    }

    /// The secrets in `text`, in order and apart from each other. `hits` are those in it, counted from `before` bytes
    /// before it.
    pub(crate) fn secrets(
        &mut self,
        on: On,
        text: &[u8],
        (hits, before): (&[Hit], usize),
    ) -> Vec<Secret<'s>> {
        let mut secrets = Vec::new();
        if !hits.is_empty() {
            let mut candidates = Candidates::new(text);
            for hit in hits {
                candidates.probe(*hit, hit.at as usize - before);
            }
            let found = candidates.found;
            secrets.extend(found.iter().filter_map(|candidate| self.decide(on, text, candidate)));
        }
        for (regex, treatment) in self.texts.expressions(on) {
            for captures in regex.captures_iter(text) {
                let found =
                    captures.get(1).or(captures.get(0)).map(|found| found.range()).unwrap_or_default();
                if !found.is_empty() && !is_redacted(&text[found.clone()]) {
                    let how = self.set.names().how(treatment.how);
                    secrets.push(Secret { range: found, treatment: Treatment { how, ..treatment } });
                }
            }
        }
        apart(&mut secrets);
        secrets
    }

    /// The secret in a candidate, if the rules take it for one.
    fn decide(&mut self, on: On, text: &[u8], candidate: &Candidate) -> Option<Secret<'s>> {
        let Candidate { range, detector, kind, name, assignment } = candidate;
        let value = &text[range.clone()];
        let mut treatment = self.texts.detector(on, *detector, kind)?;
        if let Some((name, place)) = name {
            treatment = self.named(on, *place, &text[name.clone()])?;
            if !treatment.takes(value) {
                return None;
            }
            let is_password = matches!(treatment.kind, "password" | "passphrase");
            if assignment.as_ref().is_some_and(|found| !found.is_plausible(text, is_password)) {
                return None;
            }
        }
        let stays = is_redacted(value) || self.texts.keeps_text(on, value);
        treatment.how = self.set.names().how(treatment.how);
        (!stays).then(|| Secret { range: range.clone(), treatment })
    }

    /// The way to replace the value behind a name in a text.
    fn named(&mut self, on: On, place: Place, name: &[u8]) -> Option<Treatment<'s>> {
        match self.names.decide(on, place, name) {
            Decision::Replace(treatment) => Some(treatment),
            Decision::Look if place == Place::Json && name.contains(&b'-') => {
                match self.names.decide(on, Place::Header, name) {
                    Decision::Replace(treatment) => Some(treatment),
                    Decision::Keep | Decision::Look => None,
                }
            }
            Decision::Keep | Decision::Look => None,
        }
    }
}

/// Sorts secrets, drops those inside of others, and cuts those that begin in others.
fn apart(secrets: &mut Vec<Secret<'_>>) {
    if secrets.len() < 2 {
        return;
    }
    secrets.sort_by_key(|secret| (secret.range.start, std::cmp::Reverse(secret.range.end)));
    let mut end = 0;
    secrets.retain_mut(|secret| {
        secret.range.start = secret.range.start.max(end);
        let is_new = secret.range.start < secret.range.end;
        end = end.max(secret.range.end);
        is_new
    });
}

#[cfg(test)]
mod tests;
