//! Copies for readers of memory and for live watchers.

use dashcam_exchange::{Exchange, Live, Message, Program, Summary};
use dashcam_redact::{MessageContext, Redactor};

use crate::redaction::apply;
use crate::redaction::in_force::Under;

/// Stands where a text was cut.
const MARK: char = '…';

impl Under {
    /// Redacts a copy that has no bytes of bodies.
    pub(crate) fn shown_exchange(&self, exchange: &mut Exchange) {
        let host = exchange.destination.host.clone();
        if !self.show(&host, |_, redactor| redactor.heads(exchange)) {
            apply::strip(exchange);
        }
    }

    /// Redacts a row.
    pub(crate) fn shown_summary(&self, summary: &mut Summary) {
        let host = summary.destination.host.clone();
        if !self.show(&host, |_, redactor| apply::summary(redactor, summary)) {
            apply::strip_summary(summary);
        }
    }

    /// Redacts a program's command line.
    pub(crate) fn shown_program(&self, program: &mut Program) {
        if !self.show("", |_, redactor| apply::program(redactor, program)) {
            program.command = None;
        }
    }

    /// Redacts an event of an exchange with `host`. What it was cut to may end inside a secret: the last word is left out.
    pub(crate) fn shown_event(&self, live: Live, host: &str) -> Live {
        match live {
            Live::Started(summary) => Live::Started(self.cut_summary(summary)),
            Live::Responded(summary) => Live::Responded(self.cut_summary(summary)),
            Live::Finished(summary) => Live::Finished(self.cut_summary(summary)),
            Live::Message(message) => self.shown_message(message, host),
            Live::Connection(mut connection) => {
                if !self.show("", |_, redactor| apply::connection(redactor, &mut connection)) {
                    apply::strip_connection(&mut connection);
                }
                Live::connection(&connection)
            }
            live @ (Live::GoesOn(_) | Live::Discarded(_) | Live::Gap(_)) => live,
        }
    }

    fn cut_summary(&self, mut summary: Summary) -> Summary {
        if summary.is_cut {
            cut_back(&mut summary.target);
            if let Some(failure) = &mut summary.failure {
                cut_back(&mut failure.message);
            }
        }
        self.shown_summary(&mut summary);
        summary.cut()
    }

    fn shown_message(&self, mut message: Box<Message>, host: &str) -> Live {
        let work = |_: usize, redactor: &mut Redactor<'_>| {
            redactor.message(&mut message, &MessageContext::default());
        };
        if !self.show(host, work) {
            apply::withhold_message(&mut message);
        }
        Live::message(&message)
    }
}

/// Takes the last word away from a text that was cut: it may be the beginning of a secret.
fn cut_back(text: &mut String) {
    if !text.ends_with(MARK) {
        return;
    }
    let is_word = |sign: char| sign.is_alphanumeric() || "-_.~+%:@!$*".contains(sign);
    text.truncate(text.len() - MARK.len_utf8());
    text.truncate(text.trim_end_matches(is_word).len());
    text.push(MARK);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_a_cut_text_goes() {
        for (text, expect) in [
            ("/a?token=0123", "/a?token=0123"),
            ("/a?token=0123…", "/a?token=…"),
            ("/a/b%20c…", "/a/…"),
            ("refused: no such user…", "refused: no such …"),
            ("…", "…"),
        ] {
            let mut cut = text.to_owned();
            cut_back(&mut cut);
            assert_eq!(cut, expect);
        }
    }
}
