//! Whole exchanges: every part of one that can hold a secret.

use dashcam_exchange::{Exchange, Redaction};

use crate::how::On;
use crate::redactor::Redactor;

impl Redactor<'_> {
    /// Redacts all heads of `exchange`, its targets, trailers and the text of its failure, and notes which set did it.
    pub fn heads(&mut self, exchange: &mut Exchange) {
        self.request(&mut exchange.request);
        if let Some(sent) = &mut exchange.request_sent {
            self.request(sent);
        }
        for head in &mut exchange.interim {
            self.response(head);
        }
        for head in exchange.response.iter_mut().chain(&mut exchange.response_sent) {
            self.response(head);
        }
        for (on, body) in
            [(On::Request, &mut exchange.request_body), (On::Response, &mut exchange.response_body)]
        {
            if let Some(trailers) = &mut body.trailers {
                self.fields(on, trailers);
            }
        }
        if let Some(failure) = &mut exchange.failure {
            self.line(On::Response, &mut failure.message);
        }
        let before = exchange.redaction.as_ref().map_or(0, |redaction| redaction.replaced);
        let replaced = before.saturating_add(self.replaced());
        exchange.redaction = Some(Redaction { set: self.set.label().clone(), replaced });
    }
}

#[cfg(test)]
mod tests;
