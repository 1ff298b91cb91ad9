//! Places in a text that are worth a look: where a keyword stands, and where digits, `@` or points could belong to a
//! secret. One pass over all of a body; most have none.

mod keywords;
mod points;

use std::sync::LazyLock;

use self::keywords::Keywords;
use super::keys::KEYS;
use super::{card, pem, url_credential};

/// A place that is worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Where it is.
    pub(crate) at: u32,
    pub(super) probe: Probe,
}

impl Hit {
    /// Returns whether it stands where digits in `text`, in which it was found, are surely no card number.
    pub(crate) fn is_no_card(self, text: &[u8]) -> bool {
        let mut is_card = false;
        if self.probe == Probe::Card {
            card::find(text, self.at as usize, |_| is_card = true);
        }
        self.probe == Probe::Card && !is_card
    }
}

/// The thing to look for there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Probe {
    /// One of [`KEYS`], by its index.
    Key(u8),
    Aws,
    Stripe,
    Sk,
    Sendgrid,
    Twilio,
    Telegram,
    Azure,
    Signature,
    Webhook,
    Fly,
    Terraform,
    Plaid,
    Mailchimp,
    Putty,
    Jwt,
    Pem,
    Bearer,
    Basic,
    Authorization,
    Cookie,
    CookieArgument,
    UserArgument,
    PasswordArgument,
    Redis,
    Identified,
    Imap,
    Plain,
    /// The beginning of a PEM block in base64.
    CodedPem,
    Oracle,
    /// Words before or behind a code that people copy.
    OneTime,
    /// A word that secrets' names have.
    Word,
    Card,
    /// An `@` in an authority.
    At,
    /// The first of two points.
    Pieces,
}

/// Keywords and the probes for them.
const WORDS: [(&str, Probe); 102] = [
    ("AKIA", Probe::Aws),
    ("ASIA", Probe::Aws),
    ("ABIA", Probe::Aws),
    ("ACCA", Probe::Aws),
    ("_live_", Probe::Stripe),
    ("_test_", Probe::Stripe),
    ("sk-", Probe::Sk),
    ("SG.", Probe::Sendgrid),
    ("SK0", Probe::Twilio),
    ("SK1", Probe::Twilio),
    ("SK2", Probe::Twilio),
    ("SK3", Probe::Twilio),
    ("SK4", Probe::Twilio),
    ("SK5", Probe::Twilio),
    ("SK6", Probe::Twilio),
    ("SK7", Probe::Twilio),
    ("SK8", Probe::Twilio),
    ("SK9", Probe::Twilio),
    ("SKa", Probe::Twilio),
    ("SKb", Probe::Twilio),
    ("SKc", Probe::Twilio),
    ("SKd", Probe::Twilio),
    ("SKe", Probe::Twilio),
    ("SKf", Probe::Twilio),
    (":AA", Probe::Telegram),
    ("AccountKey=", Probe::Azure),
    ("SharedAccess", Probe::Azure),
    ("SharedSecret", Probe::Azure),
    ("sig=", Probe::Signature),
    ("hooks.slack.com", Probe::Webhook),
    ("/services/T", Probe::Webhook),
    ("/api/webhooks/", Probe::Webhook),
    ("/webhookb2/", Probe::Webhook),
    ("FlyV1 ", Probe::Fly),
    (".atlasv1.", Probe::Terraform),
    ("access-", Probe::Plaid),
    ("-us", Probe::Mailchimp),
    ("Private-Lines", Probe::Putty),
    ("eyJ", Probe::Jwt),
    (pem::BEGINS[0], Probe::Pem),
    (pem::BEGINS[1], Probe::Pem),
    ("Bearer", Probe::Bearer),
    ("bearer", Probe::Bearer),
    ("BEARER", Probe::Bearer),
    ("Basic ", Probe::Basic),
    ("basic ", Probe::Basic),
    ("BASIC ", Probe::Basic),
    ("orization", Probe::Authorization),
    ("ORIZATION", Probe::Authorization),
    ("ookie", Probe::Cookie),
    ("OOKIE", Probe::Cookie),
    ("-b ", Probe::CookieArgument),
    ("-u ", Probe::UserArgument),
    ("--user ", Probe::UserArgument),
    (" -p", Probe::PasswordArgument),
    ("redis-cli", Probe::Redis),
    ("IDENTIFIED ", Probe::Identified),
    ("identified by '", Probe::Identified),
    (" LOGIN ", Probe::Imap),
    (" PLAIN ", Probe::Plain),
    ("psk", Probe::Word),
    ("PSK", Probe::Word),
    ("LS0tLS1CRUdJTi", Probe::CodedPem),
    ("jdbc:oracle:", Probe::Oracle),
    // Without the space behind them, which is in every text.
    ("erification", Probe::OneTime),
    ("uthentication", Probe::OneTime),
    ("onfirmation", Probe::OneTime),
    ("ecurity", Probe::OneTime),
    ("ogin", Probe::OneTime),
    ("ign-in", Probe::OneTime),
    ("ne-time", Probe::OneTime),
    ("pass", Probe::Word),
    ("Pass", Probe::Word),
    ("PASS", Probe::Word),
    ("pwd", Probe::Word),
    ("Pwd", Probe::Word),
    ("PWD", Probe::Word),
    ("pswd", Probe::Word),
    ("secret", Probe::Word),
    ("Secret", Probe::Word),
    ("SECRET", Probe::Word),
    ("token", Probe::Word),
    ("Token", Probe::Word),
    ("TOKEN", Probe::Word),
    ("cred", Probe::Word),
    ("Cred", Probe::Word),
    ("CRED", Probe::Word),
    ("auth", Probe::Word),
    ("Auth", Probe::Word),
    ("AUTH", Probe::Word),
    ("key", Probe::Word),
    ("Key", Probe::Word),
    ("KEY", Probe::Word),
    ("session", Probe::Word),
    ("Session", Probe::Word),
    ("SESSION", Probe::Word),
    ("signature", Probe::Word),
    ("Signature", Probe::Word),
    ("otp", Probe::Word),
    ("OTP", Probe::Word),
    ("PIN", Probe::Word),
    ("pin", Probe::Word),
];

static KEYWORDS: LazyLock<Keywords> = LazyLock::new(Keywords::new);

/// Puts the places in `text` that are worth a look into `hits`, in order.
pub(crate) fn hits(text: &[u8], hits: &mut Vec<Hit>) {
    hits.clear();
    let mut note = |at: usize, probe: Probe| {
        if let Ok(at) = u32::try_from(at) {
            hits.push(Hit { at, probe });
        }
    };
    KEYWORDS.find(text, &mut note);
    card::runs(text, |at| note(at, Probe::Card));
    for at in memchr::memchr_iter(b'@', text) {
        if url_credential::authority(text, at).is_some() {
            note(at, Probe::At);
        }
    }
    points::find(text, |at| note(at, Probe::Pieces));
    if hits.len() > 1 {
        hits.sort_unstable();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_in_order() {
        let mut found = Vec::new();
        hits(b"the password=x 4111111111111111 http://a:b@c ghp_", &mut found);
        let probes: Vec<Probe> = found.iter().map(|hit| hit.probe).collect();
        assert!(matches!(probes[..], [Probe::Word, Probe::Card, Probe::At, Probe::Key(0)]), "{probes:?}");
        hits(b"nothing to be seen here, 2024-01-01T10:00:00Z", &mut found);
        assert_eq!(found, []);
    }
}
