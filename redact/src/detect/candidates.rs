//! The things that the probes find in one text, before rules decide about them.

use std::ops::Range;

use super::detector::Detector;
use super::gate::{Hit, Probe};
use super::keys::KEYS;
use super::{assignment, authorization, card, commands, jwt, one_time, pem, services, url_credential};
use crate::names::Place;

/// A piece of text that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) range: Range<usize>,
    pub(super) detector: Detector,
    pub(super) kind: &'static str,
    /// The name that decides about it, and where such names stand.
    pub(super) name: Option<(Range<usize>, Place)>,
    /// How its name and value stand in the text.
    pub(super) assignment: Option<assignment::Assignment>,
}

/// Collects candidates.
pub(super) struct Candidates<'t> {
    text: &'t [u8],
    pub(super) found: Vec<Candidate>,
}

impl<'t> Candidates<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, found: Vec::new() }
    }

    /// Looks at the place of `hit`, which is at `at` in the text.
    pub(super) fn probe(&mut self, hit: Hit, at: usize) {
        let text = self.text;
        let key = |found: Option<Range<usize>>, kind| found.map(|range| (range, kind));
        let found = match hit.probe {
            Probe::Key(index) => {
                let form = &KEYS[usize::from(index)];
                let found = form.find(text, at);
                if found.is_none() && matches!(form.prefix, "secret_" | "key-") {
                    self.assignment(at);
                }
                key(found, form.kind)
            }
            Probe::Aws => {
                let id = services::aws_id(text, at);
                if let Some(secret) = id.as_ref().and_then(|id| services::aws_secret(text, id)) {
                    self.add(secret, Detector::KnownKey, "aws-secret");
                }
                key(id, "aws-key")
            }
            Probe::Stripe => key(services::stripe(text, at), "stripe-key"),
            Probe::Sk => services::sk(text, at),
            Probe::Sendgrid => key(services::sendgrid(text, at), "sendgrid-key"),
            Probe::Twilio => key(services::twilio(text, at), "twilio-key"),
            Probe::Telegram => key(services::telegram(text, at), "telegram-token"),
            Probe::Azure => key(services::azure(text, at), "azure-key"),
            Probe::Signature => key(services::signature(text, at), "url-signature"),
            Probe::Webhook => key(services::webhook(text, at), "webhook"),
            Probe::Fly => key(services::fly(text, at), "fly-token"),
            Probe::Terraform => key(services::terraform(text, at), "terraform-token"),
            Probe::Plaid => key(services::plaid(text, at), "plaid-token"),
            Probe::Mailchimp => key(services::mailchimp(text, at), "mailchimp-key"),
            Probe::Pieces => services::pieces(text, at),
            _ => {
                self.other(hit.probe, at);
                None
            }
        };
        if let Some((range, kind)) = found {
            self.add(range, Detector::KnownKey, kind);
        }
    }

    /// The probes that are no known keys.
    fn other(&mut self, probe: Probe, at: usize) {
        let text = self.text;
        let (found, detector, kind) = match probe {
            Probe::Jwt => (jwt::signature(text, at), Detector::Jwt, "jwt-signature"),
            Probe::Pem => (pem::private_key(text, at), Detector::PrivateKey, "private-key"),
            Probe::Putty => (services::putty(text, at), Detector::PrivateKey, "private-key"),
            Probe::Bearer => (authorization::bearer(text, at), Detector::Authorization, "credential"),
            Probe::Basic => (authorization::basic(text, at), Detector::Authorization, "credential"),
            Probe::Authorization => {
                (authorization::authorization(text, at), Detector::Authorization, "credential")
            }
            Probe::UserArgument => {
                (authorization::user_argument(text, at), Detector::Authorization, "password")
            }
            Probe::PasswordArgument => {
                (commands::password_argument(text, at), Detector::Authorization, "password")
            }
            Probe::Redis => (commands::redis(text, at), Detector::Authorization, "password"),
            Probe::Identified => (commands::identified(text, at), Detector::Authorization, "password"),
            Probe::Imap => (commands::imap(text, at), Detector::Authorization, "password"),
            Probe::Plain => (commands::plain(text, at), Detector::Authorization, "credential"),
            Probe::CodedPem => (pem::in_base64(text, at), Detector::PrivateKey, "private-key"),
            Probe::OneTime => (one_time::code(text, at), Detector::Assignment, "otp"),
            Probe::Oracle => (url_credential::oracle(text, at), Detector::UrlCredential, "url-credential"),
            Probe::At => (url_credential::find(text, at), Detector::UrlCredential, "url-credential"),
            Probe::Cookie => return authorization::cookies(text, at, |name, value| self.cookie(name, value)),
            Probe::CookieArgument => {
                return authorization::cookie_argument(text, at, |name, value| self.cookie(name, value));
            }
            Probe::Card => return card::find(text, at, |range| self.add(range, Detector::Card, "card")),
            _ => return self.assignment(at),
        };
        if let Some(range) = found {
            self.add(range, detector, kind);
        }
    }

    fn assignment(&mut self, at: usize) {
        // Several words of one name lead to the same.
        if self
            .found
            .last()
            .is_some_and(|last| last.name.as_ref().is_some_and(|(name, _)| name.contains(&at)))
        {
            return;
        }
        if let Some(found) = assignment::find(self.text, at) {
            let name = Some((found.name.clone(), Place::Json));
            let (range, detector) = (found.value.clone(), Detector::Assignment);
            self.found.push(Candidate { range, detector, kind: "secret", name, assignment: Some(found) });
        }
    }

    fn cookie(&mut self, name: Range<usize>, range: Range<usize>) {
        let (name, detector) = (Some((name, Place::Cookie)), Detector::Cookie);
        self.found.push(Candidate { range, detector, kind: "cookie", name, assignment: None });
    }

    fn add(&mut self, range: Range<usize>, detector: Detector, kind: &'static str) {
        self.found.push(Candidate { range, detector, kind, name: None, assignment: None });
    }
}
