//! The one way in and the one way out.
//!
//! Each part of an exchange passes [`Intake::take`] when it is copied: before live watchers, readers of memory or the
//! store can see it. Secrets of our own are hidden there. A body's bytes enter as they are, since a secret may stand
//! across two reads of them: nobody sees them before they pass [`Intake::release`] on their way out.

mod secrets;

use std::borrow::Cow;

use arc_swap::ArcSwap;
use dashcam_exchange::{BodyRecord, Headers, Program, RequestHead, ResponseHead};

use self::secrets::{Secrets, withhold};

/// A part of an exchange, as it was copied.
pub(crate) enum Part<'p, 'h> {
    /// The request's head as received.
    Request(&'p mut RequestHead),
    /// That head again, once it turns out to be meant for dashcam itself.
    OwnRequest(&'p mut RequestHead),
    /// The request's head as sent.
    RequestSent(&'p mut Cow<'h, RequestHead>),
    /// An interim response's head.
    Interim(&'p mut ResponseHead),
    /// The response's head as received.
    Response(&'p mut ResponseHead),
    /// The response's head as sent.
    ResponseSent(&'p mut Cow<'h, ResponseHead>),
    /// Some bytes of a body, as they pass.
    Body {
        /// The bytes.
        bytes: &'p [u8],
        /// The bytes held of the body before, with room for these.
        held: &'p mut Vec<u8>,
    },
    /// The program that opened a connection.
    Program(&'p mut Program),
    /// A body's trailers.
    Trailers(&'p mut Headers),
    /// A message's payload, of which the end may be cut off.
    Message {
        /// The bytes that are kept of it.
        data: &'p mut [u8],
        /// True if there are more.
        cut: bool,
    },
}

/// The way in, and what it looks for.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    /// Texts that are recorded nowhere.
    secrets: ArcSwap<Secrets>,
}

impl Intake {
    /// Hides `secret` from now on.
    pub(crate) fn hide(&self, secret: &str) {
        self.secrets.rcu(|secrets| secrets.and(secret));
    }

    /// Makes `part` fit to be kept and seen. `hid` belongs to the part's exchange: it becomes true when something was
    /// hidden in a head as received, and only then are heads as sent looked into.
    #[inline]
    pub(crate) fn take(&self, part: Part<'_, '_>, hid: &mut bool) {
        match part {
            Part::Request(head) => *hid |= self.secrets.load().request(head),
            Part::Response(head) => *hid |= self.secrets.load().response(head),
            Part::RequestSent(head) if *hid => {
                self.secrets.load().request(head.to_mut());
            }
            Part::ResponseSent(head) if *hid => {
                self.secrets.load().response(head.to_mut());
            }
            Part::RequestSent(_) | Part::ResponseSent(_) => {}
            Part::Body { bytes, held } => held.extend_from_slice(bytes),
            Part::OwnRequest(head) => withhold(head),
            Part::Interim(head) => {
                self.secrets.load().response(head);
            }
            Part::Program(program) => {
                program.command.as_mut().map(|command| self.secrets.load().text(command));
            }
            Part::Trailers(fields) => {
                self.secrets.load().fields(fields);
            }
            Part::Message { data, cut } => self.secrets.load().end(data, cut),
        }
    }

    /// How many bytes at the end of what is held of a body that goes on [`Intake::release`] would keep back.
    pub(crate) fn withheld(&self, body: &BodyRecord) -> usize {
        if body.rest.is_empty() || body.truncated { 0 } else { self.secrets.load().begun(&body.rest) }
    }

    /// Makes what is held of a body fit to leave; `ended` if nothing follows. Returns how many bytes at its end have to
    /// stay until more comes: they may be the beginning of a secret.
    pub(crate) fn release(&self, body: &mut BodyRecord, ended: bool) -> usize {
        if body.rest.is_empty() {
            return 0;
        }
        self.secrets.load().body(body, ended)
    }
}
